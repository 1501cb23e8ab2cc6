// Reading to the end, with every error seen.
#include "host/cli/input.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace tenon::cli {
namespace {

std::string why() { return std::generic_category().message(errno); }

Result<std::string> read_all(int fd, const std::string& name) {
  std::string text;
  std::array<char, 65536> bytes;
  for (;;) {
    const ssize_t n = ::read(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail(ErrorCode::failed, name + ": cannot be read: " + why());
    if (n == 0) return text;
    text.append(bytes.data(), static_cast<std::size_t>(n));
  }
}

}  // namespace

Result<std::string> read_stdin() { return read_all(STDIN_FILENO, "stdin"); }

Result<std::string> read_text(const std::string& path) {
  if (path == "-") return read_stdin();
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return fail(ErrorCode::usage, path + ": cannot be read: " + why());
  struct stat what {};
  const bool folder = ::fstat(fd, &what) == 0 && S_ISDIR(what.st_mode);
  Result<std::string> text =
      folder ? fail(ErrorCode::usage, path + ": is a folder, not a file") : read_all(fd, path);
  ::close(fd);
  return text;
}

}  // namespace tenon::cli
