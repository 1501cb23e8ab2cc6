// File checks: everything is asked of the open descriptor, so the file cannot change in between.
#include "framework/plugin/plugin_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "framework/base/sha256.hpp"

namespace tenon {
namespace {

tl::unexpected<Error> refuse(std::string reason) {
  return fail(ErrorCode::unavailable, std::move(reason));
}

std::string open_error(int error) {
  if (error == ELOOP) return "a symbolic link; name the file itself";
  if (error == ENOENT) return "no such file";
  return fmt::format("cannot be opened: {}", strerror(error));
}

std::string check_file(const struct stat& info) {
  if (S_ISDIR(info.st_mode)) return "a folder, not a file";
  if (!S_ISREG(info.st_mode)) return "not a regular file";
  if (info.st_uid != 0 && info.st_uid != geteuid()) {
    return fmt::format("owned by user {}, neither by root nor by you", info.st_uid);
  }
  if ((info.st_mode & S_IWOTH) != 0) return "writable by everybody (chmod go-w it)";
  if ((info.st_mode & S_IWGRP) != 0) return "writable by its group (chmod go-w it)";
  return "";
}

}  // namespace

std::string check_folder(const std::filesystem::path& folder, StickyFolder sticky) {
  struct stat info {};
  const char* name = folder.empty() ? "." : folder.c_str();
  if (stat(name, &info) != 0) {
    return errno == ENOENT ? "" : fmt::format("its folder cannot be read: {}", strerror(errno));
  }
  if ((info.st_mode & (S_IWOTH | S_IWGRP)) == 0) return "";
  const bool is_sticky = (info.st_mode & S_ISVTX) != 0;
  if (is_sticky && sticky == StickyFolder::allow) return "";
  if (is_sticky) return "its folder is writable by others, who could add plugins to it";
  return "its folder is writable by others, who could exchange the file";
}

Result<PluginFile> PluginFile::open(const std::filesystem::path& path, StickyFolder sticky) {
  // Non-blocking, lest a FIFO of that name hangs the scan.
  const int fd = ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return refuse(open_error(errno));
  PluginFile file(path, fd);
  struct stat info {};
  if (fstat(fd, &info) != 0) return refuse(open_error(errno));
  if (std::string reason = check_file(info); !reason.empty()) return refuse(std::move(reason));
  if (std::string reason = check_folder(path.parent_path(), sticky); !reason.empty()) {
    return refuse(std::move(reason));
  }
  return file;
}

PluginFile::PluginFile(PluginFile&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)), kept_(other.kept_) {}

PluginFile& PluginFile::operator=(PluginFile&& other) noexcept {
  if (this == &other) return *this;
  close();
  path_ = std::move(other.path_);
  fd_ = std::exchange(other.fd_, -1);
  kept_ = other.kept_;
  return *this;
}

PluginFile::~PluginFile() { close(); }

void PluginFile::close() {
  if (fd_ >= 0 && !kept_) ::close(fd_);
  fd_ = -1;
}

Result<std::string> PluginFile::sha256() const { return sha256_hex_fd(fd_, path_.string()); }

std::string PluginFile::load_path() const { return fmt::format("/proc/self/fd/{}", fd_); }

}  // namespace tenon
