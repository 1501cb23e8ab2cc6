// The promises of the system that a program in a pipe or under `ulimit` cannot rely on.
#include "host/cli/standard_streams.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>

namespace tenon::cli {
namespace {

struct Limit {
  __rlimit_resource resource;
  const char* name;
  rlim_t unit;
};
constexpr std::array<Limit, 2> k_limits = {{
    {RLIMIT_NPROC, "processes and threads of this user (ulimit -u)", 1},
    {RLIMIT_AS, "KiB of address space (ulimit -v)", 1024},
}};

}  // namespace

void reserve_standard_streams() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd)
    // A folder can neither be read nor written, and "/" is always there.
    if (::fcntl(fd, F_GETFD) < 0) static_cast<void>(::open("/", O_RDONLY | O_DIRECTORY));
}

bool stdout_reader_is_gone() {
  pollfd output{STDOUT_FILENO, POLLOUT, 0};
  return ::poll(&output, 1, 0) > 0 && (output.revents & (POLLERR | POLLHUP)) != 0;
}

void end_by_sigpipe() {
  ::signal(SIGPIPE, SIG_DFL);
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  ::pthread_sigmask(SIG_UNBLOCK, &pipe, nullptr);
  ::raise(SIGPIPE);
  ::_exit(128 + SIGPIPE);
}

Error limit_reached(const std::string& what) {
  std::string limits;
  for (const Limit& limit : k_limits) {
    rlimit set{};
    if (::getrlimit(limit.resource, &set) != 0 || set.rlim_cur == RLIM_INFINITY) continue;
    limits +=
        (limits.empty() ? "" : ", ") + std::to_string(set.rlim_cur / limit.unit) + " " + limit.name;
  }
  return Error(
      ErrorCode::limit,
      what + "; " +
          (limits.empty()
               ? "no limit of this process is set: the machine or its container has no more"
               : "the limits are " + limits));
}

}  // namespace tenon::cli
