// Interrupt: Ctrl-C as a flag. The first one asks to stop, the second ends the process with 130.
// A signal that was ignored when the program started (nohup, a background job) stays ignored.
#pragma once

#include <signal.h>
#include <termios.h>

#include <atomic>
#include <cstdint>
#include <optional>
#include <thread>

namespace tenon::cli {

// Make it before any other thread exists: the signals are blocked in all of them and waited for by
// one, so no handler and no global is needed.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  const std::uint32_t* flag() const { return &flag_; }
  bool raised() const { return std::atomic_ref(const_cast<std::uint32_t&>(flag_)).load() != 0; }
  // Whether the whole program was asked to end (SIGTERM, SIGHUP), not only what it was doing.
  bool terminated() const { return terminated_.load(); }
  // What was asked to stop has stopped; the next Ctrl-C is a first one again.
  void reset() { std::atomic_ref(flag_).store(0); }

 private:
  void watch(const std::stop_token& stop);
  void end_at_once() const;

  sigset_t signals_;
  std::optional<termios> terminal_;  // of stdin, as it was at the start

  alignas(std::atomic_ref<std::uint32_t>::required_alignment) std::uint32_t flag_ = 0;
  std::atomic<bool> terminated_ = false;
  std::jthread thread_;
};

}  // namespace tenon::cli
