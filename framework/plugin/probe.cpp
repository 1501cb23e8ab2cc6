// Spawns tenon-probe, itself descriptor 5, with the open plugin file as descriptor 3 and a pipe for
// its report as 4.
#include "framework/plugin/probe.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/auxv.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>
#include <system_error>
#include <thread>
#include <utility>

#include "framework/base/sha256.hpp"
#include "framework/plugin/checked_file.hpp"
#include "framework/plugin/own_files.hpp"
#include "framework/plugin/probe_cache.hpp"
#include "framework/plugin/probe_report.hpp"

namespace tenon {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int k_plugin_fd = 3, k_report_fd = 4, k_program_fd = 5;
constexpr std::size_t k_max_report = 64 * 1024;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }
  int get() const { return fd_; }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  int fd_;
};

// A copy numbered above those that the child's are renumbered to.
int copy_high(int fd) { return fcntl(fd, F_DUPFD_CLOEXEC, 16); }

// What the child is to run and to open. By the numbers that descriptors have there, or, where these
// have no names, by paths that nobody else can change.
struct Names {
  std::string program, plugin;
};

Result<Names> names_in_child(const CheckedFile& program, const ProbeRequest& request) {
  if (descriptors_have_names())
    return Names{fmt::format("/proc/self/fd/{}", k_program_fd),
                 fmt::format("/proc/self/fd/{}", k_plugin_fd)};
  auto path = program.open_path();
  if (!path) return fail(path);
  return Names{std::move(*path), request.open_path};
}

// Nothing of ours leaks into the child but the environment: no descriptor, signal mask or handler.
int spawn(Names names, int program_fd, int plugin_fd, int report_fd, pid_t& pid) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&files);
  posix_spawnattr_init(&attributes);
  for (const int fd : {0, 1, 2}) {
    posix_spawn_file_actions_addopen(&files, fd, "/dev/null", O_RDWR, 0);
  }
  posix_spawn_file_actions_adddup2(&files, plugin_fd, k_plugin_fd);
  posix_spawn_file_actions_adddup2(&files, report_fd, k_report_fd);
  posix_spawn_file_actions_adddup2(&files, program_fd, k_program_fd);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  std::string name = "tenon-probe";
  std::string report = fmt::format("{}", k_report_fd);
  char* const arguments[] = {name.data(), names.plugin.data(), report.data(), nullptr};
  const int error =
      posix_spawn(&pid, names.program.c_str(), &files, &attributes, arguments, environ);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  return error;
}

// A running tenon-probe and the end of its pipe.
class Child {
 public:
  Child(pid_t pid, int pipe, Clock::time_point deadline)
      : pid_(pid), pipe_(pipe), deadline_(deadline) {}

  // Until the verdict, the child's end or the deadline.
  ProbeReport listen() {
    ProbeReport report;
    while (!report.verdict && !ended() && Clock::now() < deadline_) {
      const bool open = receive(milliseconds(20));
      report = read_report(text_);
      if (!open) break;
    }
    if (!report.verdict) {
      while (receive(milliseconds(0))) continue;
      report = read_report(text_);
    }
    return report;
  }

  // Its wait status, or nothing if it had to be killed at the deadline.
  std::optional<int> end() {
    while (!ended() && Clock::now() < deadline_) std::this_thread::sleep_for(milliseconds(1));
    const bool in_time = ended();
    const int status = kill_all();
    return in_time ? std::optional(status) : std::nullopt;
  }

  // Also what the plugin may have started: the process group is the child's own, and the child is
  // waited for last, since its number may be somebody else's afterwards.
  int kill_all() {
    kill(-pid_, SIGKILL);
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) continue;
    return status;
  }

 private:
  bool ended() const {
    siginfo_t info{};
    const auto id = static_cast<id_t>(pid_);
    return waitid(P_PID, id, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid_;
  }

  // False when nothing more comes: end of file, an error, or nothing within `wait` if it is 0.
  bool receive(milliseconds wait) {
    pollfd ready{pipe_, POLLIN, 0};
    const int n = poll(&ready, 1, static_cast<int>(wait.count()));
    if (n < 0) return errno == EINTR;
    if (n == 0) return wait.count() != 0;
    char buffer[4096];
    const ssize_t got = read(pipe_, buffer, sizeof buffer);
    if (got <= 0 || text_.size() > k_max_report) return false;
    text_.append(buffer, static_cast<std::size_t>(got));
    return true;
  }

  pid_t pid_;
  int pipe_;
  Clock::time_point deadline_;
  std::string text_;
};

// A machine that is busy or short of memory, or somebody who wants the child gone, says nothing
// about the plugin; these signals do.
constexpr std::array k_crashes{SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS};

ProbeResult explain(std::optional<int> status, const std::string& step, milliseconds limit) {
  if (!status) {
    return {fmt::format("did not answer within {:g} s {}",
                        static_cast<double>(limit.count()) / 1000.0, step),
            false};
  }
  if (WIFSIGNALED(*status)) {
    const int signal = WTERMSIG(*status);
    const bool crash = std::find(k_crashes.begin(), k_crashes.end(), signal) != k_crashes.end();
    const char* name = sigabbrev_np(signal);
    return {fmt::format("{} {}: signal {} (SIG{})", crash ? "crashed" : "was killed", step, signal,
                        name == nullptr ? "?" : name),
            crash};
  }
  return {fmt::format("called exit({}) {}", WEXITSTATUS(*status), step), true};
}

// What a result is remembered by.
std::string cache_key(const ProbeRequest& request) {
  if (request.drivers.empty()) return request.sha256;
  const std::string both = request.sha256 + "\n" + request.drivers;
  return sha256_hex(std::as_bytes(std::span(both))).value_or("");
}

ProbeResult unprobed(const std::string& why) {
  return {fmt::format("cannot be probed: {}", why), false};
}

}  // namespace

std::optional<fs::path> find_probe_program() {
  for (const fs::path& file : own_files()) {
    const fs::path candidate = file.parent_path().parent_path() / "bin/tenon-probe";
    if (access(candidate.c_str(), F_OK) == 0) return candidate;
  }
  return std::nullopt;
}

fs::path default_probe_cache() {
  if (getauxval(AT_SECURE) != 0) return {};
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && fs::path(cache).is_absolute())
    return fs::path(cache) / "tenon/probe.json";
  const char* home = std::getenv("HOME");
  if (home == nullptr || !fs::path(home).is_absolute()) return {};
  return fs::path(home) / ".cache/tenon/probe.json";
}

ProbeResult run_probe(const ProbeRequest& request, const ProbeOptions& options) {
  const auto program = CheckedFile::open(options.program, FoundBy::installation);
  if (!program) return unprobed(options.program.string() + ": " + program.error().message());
  auto names = names_in_child(*program, request);
  if (!names) return unprobed(options.program.string() + ": " + names.error().message());
  int ends[2] = {-1, -1};
  if (pipe2(ends, O_CLOEXEC) != 0) return unprobed(strerror(errno));
  const Descriptor receiver(ends[0]);
  Descriptor sender(ends[1]);
  const Descriptor plugin_copy(copy_high(request.fd)), program_copy(copy_high(program->fd()));
  Descriptor sender_copy(copy_high(sender.get()));
  pid_t pid = 0;
  const int error =
      spawn(std::move(*names), program_copy.get(), plugin_copy.get(), sender_copy.get(), pid);
  if (error != 0) return unprobed(options.program.string() + ": " + strerror(error));
  sender.close();
  sender_copy.close();
  const milliseconds limit = request.drivers.empty() ? options.limit : options.driver_limit;
  Child child(pid, receiver.get(), Clock::now() + limit);
  const ProbeReport report = child.listen();
  if (report.verdict) {
    child.kill_all();
    return {*report.verdict, report.verdict->empty()};
  }
  return explain(child.end(), report.last_step, limit);
}

Prober make_prober(ProbeOptions options) {
  auto cache = std::make_shared<ProbeCache>(ProbeCache::load(options.cache));
  return [options = std::move(options), cache](const ProbeRequest& request) {
    const std::string key = cache_key(request);
    const auto known = cache->find(key);
    if (known && (known->empty() || options.retry == Retry::no)) return *known;
    const ProbeResult result = run_probe(request, options);
    if (result.lasting) cache->store(key, result.reason);
    return result.reason;
  };
}

}  // namespace tenon
