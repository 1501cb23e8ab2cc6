// A thread that waits for the signals of a user who wants to stop.
#include "host/cli/interrupt.hpp"

#include <unistd.h>

#include <array>

namespace tenon::cli {
namespace {

constexpr int k_interrupted = 130;
constexpr int k_wake = SIGUSR1;

constexpr std::array<int, 3> k_stop_signals = {SIGINT, SIGTERM, SIGHUP};

bool is_ignored(int signal) {
  struct sigaction action {};
  return sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : k_stop_signals)
    if (!is_ignored(signal)) sigaddset(&set, signal);
  return set;
}

}  // namespace

Interrupt::Interrupt() : signals_(stop_signals()) {
  termios now{};
  if (tcgetattr(STDIN_FILENO, &now) == 0) terminal_ = now;
  // A blocked signal waits even if it is ignored; the one that wakes the watcher is of its own.
  sigaddset(&signals_, k_wake);
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  thread_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
}

Interrupt::~Interrupt() {
  thread_.request_stop();
  pthread_kill(thread_.native_handle(), k_wake);
}

void Interrupt::watch(const std::stop_token& stop) {
  for (int signal = 0;;) {
    sigwait(&signals_, &signal);
    if (stop.stop_requested()) return;
    if (signal == k_wake) continue;
    if (signal != SIGINT) terminated_ = true;
    if (std::atomic_ref(flag_).exchange(1) != 0) end_at_once();
  }
}

// Whoever edits a line has the terminal in a mode of its own and gets no chance to put it back.
void Interrupt::end_at_once() const {
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTTOU);  // would stop us where the terminal is not ours at the moment
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);
  if (terminal_) tcsetattr(STDIN_FILENO, TCSANOW, &*terminal_);
  _exit(k_interrupted);
}

}  // namespace tenon::cli
