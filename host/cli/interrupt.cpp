// A thread that waits for the signals of a user who wants to stop.
#include "host/cli/interrupt.hpp"

#include <signal.h>
#include <unistd.h>

namespace tenon::cli {
namespace {

constexpr int k_interrupted = 130;

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

Interrupt::Interrupt() {
  const sigset_t set = stop_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  thread_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
}

Interrupt::~Interrupt() {
  thread_.request_stop();
  pthread_kill(thread_.native_handle(), SIGTERM);  // wakes the wait below
}

void Interrupt::watch(const std::stop_token& stop) {
  const sigset_t set = stop_signals();
  for (int signal = 0;;) {
    sigwait(&set, &signal);
    if (stop.stop_requested()) return;
    if (signal == SIGTERM) terminated_ = true;
    if (std::atomic_ref(flag_).exchange(1) != 0) _exit(k_interrupted);
  }
}

}  // namespace tenon::cli
