// posix_spawn, a pipe, and a clock.
#include "host/cli/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/auxv.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>

namespace tenon::cli {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int k_poll_ms = 100;

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

std::vector<std::string> environment_with(std::vector<std::string> variables) {
  for (char** variable = environ; *variable != nullptr; ++variable)
    variables.emplace_back(*variable);
  return variables;  // the first of a name counts
}

int spawn(const std::vector<std::string>& command, const std::vector<std::string>& variables,
          int out, bool quiet, pid_t& pid) {
  std::vector<std::string> arguments = command, environment = environment_with(variables);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
  if (quiet) posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  const int error = posix_spawn(&pid, command.front().c_str(), &files, nullptr,
                                pointers(arguments).data(), pointers(environment).data());
  posix_spawn_file_actions_destroy(&files);
  return error;
}

// Until the child closes its end, or the time is over.
bool read_all(int from, Clock::time_point end, std::string& out) {
  std::array<char, 4096> part{};
  while (Clock::now() < end) {
    pollfd ready{from, POLLIN, 0};
    if (poll(&ready, 1, k_poll_ms) <= 0) continue;
    const ssize_t n = read(from, part.data(), part.size());
    if (n == 0 || (n < 0 && errno != EINTR)) return true;
    if (n > 0) out.append(part.data(), static_cast<std::size_t>(n));
  }
  return false;
}

}  // namespace

Result<ChildEnd> run_child(const std::vector<std::string>& command,
                           const std::vector<std::string>& variables, std::chrono::seconds limit,
                           bool quiet) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0)
    return fail(ErrorCode::failed, std::string("no pipe: ") + std::strerror(errno));
  pid_t pid = 0;
  const int error = spawn(command, variables, ends[1], quiet, pid);
  close(ends[1]);
  if (error != 0) {
    close(ends[0]);
    return fail(ErrorCode::unavailable,
                command.front() + " does not start: " + std::strerror(error));
  }
  ChildEnd end;
  end.timed_out = !read_all(ends[0], Clock::now() + limit, end.out);
  close(ends[0]);
  if (end.timed_out) kill(pid, SIGKILL);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status)) end.signal = WTERMSIG(status);
  if (WIFEXITED(status)) end.code = WEXITSTATUS(status);
  return end;
}

std::string beside_us(const std::string& name) {
  std::error_code ec;
  std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", ec);
  if (ec) {
    const auto* run =
        reinterpret_cast<const char*>(getauxval(AT_EXECFN));  // NOLINT(*-no-int-to-ptr)
    program =
        run != nullptr && getauxval(AT_SECURE) == 0 ? std::filesystem::canonical(run, ec) : "";
  }
  return program.parent_path() / name;
}

}  // namespace tenon::cli
