// The progress bar and the logger.
#include "host/cli/terminal.hpp"

#include <fcntl.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <mutex>
#include <system_error>

namespace tenon::cli {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto k_patience = std::chrono::milliseconds(500);
constexpr auto k_refresh = std::chrono::milliseconds(50);
constexpr int k_bar_width = 30;

spdlog::color_mode color_mode(const OutputOptions& o) {
  if (o.color == "always") return spdlog::color_mode::always;
  const char* no_color = std::getenv("NO_COLOR");
  const bool none = o.color == "never" || (no_color != nullptr && *no_color != '\0');
  return none ? spdlog::color_mode::never : spdlog::color_mode::automatic;
}

std::string why() { return std::generic_category().message(errno); }

// Line by line, so that a crash loses none; the first line that cannot be written is told.
class LogFile : public spdlog::sinks::base_sink<std::mutex> {
 public:
  LogFile(int fd, std::string name) : fd_(fd), name_(std::move(name)) {}
  ~LogFile() override { ::close(fd_); }
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    std::string_view rest(line.data(), line.size());
    while (!rest.empty() && !failed_) {
      const ssize_t done = ::write(fd_, rest.data(), rest.size());
      failed_ = done < 0 && errno != EINTR;
      if (failed_)
        std::fprintf(stderr, "tenon: --log-file %s: cannot be written: %s\n", name_.c_str(),
                     why().c_str());
      if (done > 0) rest.remove_prefix(static_cast<std::size_t>(done));
    }
  }
  void flush_() override {}

 private:
  int fd_;
  std::string name_;
  bool failed_ = false;
};

}  // namespace

Result<std::shared_ptr<spdlog::logger>> make_logger(const OutputOptions& o) {
  auto console = std::make_shared<spdlog::sinks::stderr_color_sink_mt>(color_mode(o));
  console->set_level(o.verbose ? spdlog::level::debug
                     : o.quiet ? spdlog::level::err
                               : spdlog::level::warn);
  auto logger = std::make_shared<spdlog::logger>("tenon", console);
  if (!o.log_file.empty()) {
    const int fd = ::open(o.log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (fd < 0) return fail(ErrorCode::usage, "--log-file " + o.log_file + ": " + why());
    logger->sinks().push_back(std::make_shared<LogFile>(fd, o.log_file));
  }
  logger->set_level(spdlog::level::debug);
  logger->set_pattern("%^%l%$: %v");
  return logger;
}

struct Progress::State {
  bool quiet, terminal;
  std::string doing;
  bool shown = false;
  Clock::time_point start = Clock::now(), last = start;
  std::string stage;
};

Progress::Progress(const OutputOptions& o, std::string_view doing)
    : state_(std::make_unique<State>(
          State{o.quiet, isatty(STDERR_FILENO) != 0, std::string(doing), false, {}, {}, {}})) {
  state_->start = state_->last = Clock::now();
}

Progress::~Progress() { clear(); }

void Progress::clear() {
  if (state_->terminal && state_->shown) std::fputs("\r\033[K", stderr);
  state_->shown = false;
}

void Progress::update(std::string_view stage, double fraction) {
  State& s = *state_;
  const auto now = Clock::now();
  if (s.quiet || now - s.start < k_patience) return;
  if (!s.terminal) {
    if (s.stage != stage)
      std::fprintf(stderr, "%s: %.*s\n", s.doing.c_str(), static_cast<int>(stage.size()),
                   stage.data());
    s.stage = stage;
    return;
  }
  if (s.shown && now - s.last < k_refresh) return;
  s.last = now;
  s.shown = true;
  const int filled = static_cast<int>(std::lround(fraction * k_bar_width));
  const std::string bar = std::string(static_cast<std::size_t>(filled), '#') +
                          std::string(static_cast<std::size_t>(k_bar_width - filled), '.');
  std::fprintf(stderr, "\r\033[K%-8.*s [%s] %3.0f %%", static_cast<int>(stage.size()), stage.data(),
               bar.c_str(), 100 * fraction);
}

std::string human_bytes(std::uint64_t bytes) {
  char text[32];
  const double b = static_cast<double>(bytes);
  if (bytes >= 1'000'000'000)
    std::snprintf(text, sizeof(text), "%.2f GB", b / 1e9);
  else if (bytes >= 1'000'000)
    std::snprintf(text, sizeof(text), "%.1f MB", b / 1e6);
  else
    std::snprintf(text, sizeof(text), "%.1f kB", b / 1e3);
  return text;
}

}  // namespace tenon::cli
