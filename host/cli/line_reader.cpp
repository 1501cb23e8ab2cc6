// Plain lines from stdin, and the choice between them and edited ones.
#include "host/cli/line_reader.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace tenon::cli {
namespace {

constexpr int k_poll_ms = 50;  // how long a Ctrl-C may go unnoticed

class PlainLines : public LineReader {
 public:
  explicit PlainLines(const Interrupt& interrupt) : interrupt_(interrupt) {}

  Line read(const char*) override {
    for (;;) {
      const std::size_t newline = pending_.find('\n', searched_);
      if (newline != std::string::npos) return take(newline, newline + 1);
      searched_ = pending_.size();
      if (!wait_for_input(interrupt_)) return {Line::Kind::interrupted};
      std::array<char, 4096> bytes;
      const ssize_t n = ::read(STDIN_FILENO, bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return {Line::Kind::failed, std::generic_category().message(errno)};
      if (n <= 0 && pending_.empty()) return {Line::Kind::end};
      if (n <= 0) return take(pending_.size(), pending_.size());
      pending_.append(bytes.data(), static_cast<std::size_t>(n));
    }
  }
  bool interactive() const override { return false; }

 private:
  Line take(std::size_t length, std::size_t used) {
    Line line{Line::Kind::text, pending_.substr(0, length)};
    if (line.text.ends_with('\r')) line.text.pop_back();
    pending_.erase(0, used);
    searched_ = 0;
    return line;
  }

  const Interrupt& interrupt_;
  std::string pending_;
  std::size_t searched_ = 0;  // no newline before here
};

}  // namespace

bool wait_for_input(const Interrupt& interrupt) {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  while (!interrupt.raised())
    if (poll(&input, 1, k_poll_ms) > 0) return true;
  return false;
}

std::filesystem::path state_folder() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    const std::filesystem::path path = value == nullptr ? "" : value;
    return path.is_absolute() ? path : std::filesystem::path();  // as the XDG rules say
  };
  if (const auto state = variable("XDG_STATE_HOME"); !state.empty()) return state / "tenon";
  const auto home = variable("HOME");
  return home.empty() ? home : home / ".local/state/tenon";
}

std::unique_ptr<LineReader> make_line_reader(const Interrupt& interrupt,
                                             const std::filesystem::path& history) {
  if (isatty(STDIN_FILENO) != 0 && isatty(STDERR_FILENO) != 0)
    if (auto edited = make_edited_reader(interrupt, history)) return edited;
  return std::make_unique<PlainLines>(interrupt);
}

}  // namespace tenon::cli
