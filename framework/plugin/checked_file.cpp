// File checks: everything is asked of open descriptors, so nothing can be exchanged in between.
#include "framework/plugin/checked_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

#include "framework/base/sha256.hpp"
#include "framework/plugin/owner.hpp"

namespace tenon {
namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> refuse(std::string reason) {
  return fail(ErrorCode::unavailable, std::move(reason));
}

std::string open_error(int error) {
  if (error == ELOOP) return "a symbolic link; name the file itself";
  if (error == ENOENT) return "no such file";
  return fmt::format("cannot be opened: {}", strerror(error));
}

std::string check_file(const struct stat& info, FoundBy found_by) {
  if (S_ISDIR(info.st_mode)) return "a folder, not a file";
  if (!S_ISREG(info.st_mode)) return "not a regular file";
  if (std::string reason = check_owner(info.st_uid, found_by); !reason.empty()) return reason;
  if ((info.st_mode & S_IWOTH) != 0) return "writable by everybody (chmod go-w it)";
  if ((info.st_mode & S_IWGRP) != 0) return "writable by its group (chmod go-w it)";
  return "";
}

std::string check_folder_info(const struct stat& info, FoundBy found_by) {
  if (std::string reason = check_owner(info.st_uid, found_by); !reason.empty()) {
    return "its folder is " + reason;
  }
  if ((info.st_mode & (S_IWOTH | S_IWGRP)) == 0) return "";
  const bool is_sticky = (info.st_mode & S_ISVTX) != 0;
  if (is_sticky && found_by == FoundBy::name) return "";
  if (is_sticky) return "its folder is writable by others, who could add plugins to it";
  return "its folder is writable by others, who could exchange the file (chmod go-w it)";
}

int open_folder(const std::filesystem::path& folder) {
  return ::open(folder.empty() ? "." : folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
}

bool same_file(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

// In a sticky folder only the owner of an entry, or of the folder, may rename it.
std::string check_step(const fs::path& folder, FoundBy found_by) {
  struct stat info {};
  if (lstat(folder.c_str(), &info) != 0) return fmt::format("cannot be read: {}", strerror(errno));
  if (std::string reason = check_owner(info.st_uid, found_by); !reason.empty())
    return "is " + reason;
  const bool open = (info.st_mode & (S_IWOTH | S_IWGRP)) != 0 && (info.st_mode & S_ISVTX) == 0;
  return open ? "is writable by others" : "";
}

}  // namespace

std::string check_way(const fs::path& file, FoundBy found_by) {
  for (fs::path folder = file.parent_path();; folder = folder.parent_path()) {
    if (std::string reason = check_step(folder, found_by); !reason.empty())
      return fmt::format("the folder {} on its way {}", folder.string(), reason);
    if (!folder.has_relative_path()) return "";
  }
}

bool descriptors_have_names() { return access("/proc/self/fd", X_OK) == 0; }

std::string check_folder(const std::filesystem::path& folder, FoundBy found_by) {
  struct stat info {};
  const int fd = open_folder(folder);
  const int error = fd < 0 || fstat(fd, &info) != 0 ? errno : 0;
  if (fd >= 0) ::close(fd);
  if (error == ENOENT) return "";
  if (error != 0) return fmt::format("its folder cannot be read: {}", strerror(error));
  return check_folder_info(info, found_by);
}

Result<CheckedFile> CheckedFile::open(const std::filesystem::path& path, FoundBy found_by) {
  const int folder = open_folder(path.parent_path());
  if (folder < 0) return refuse(open_error(errno));
  // Non-blocking, lest a FIFO of that name hangs the scan.
  const int fd = ::openat(folder, path.filename().c_str(),
                          O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  const int error = errno;
  struct stat folder_info {};
  const bool known = fstat(folder, &folder_info) == 0;
  ::close(folder);
  if (fd < 0) return refuse(open_error(error));
  CheckedFile file(path, fd, found_by);
  if (!known || fstat(fd, &file.info_) != 0) return refuse(open_error(errno));
  std::string reason = check_file(file.info_, found_by);
  if (reason.empty()) reason = check_folder_info(folder_info, found_by);
  if (!reason.empty()) return refuse(std::move(reason));
  return file;
}

CheckedFile::CheckedFile(CheckedFile&& other) noexcept
    : path_(std::move(other.path_)),
      fd_(std::exchange(other.fd_, -1)),
      found_by_(other.found_by_),
      info_(other.info_) {}

CheckedFile& CheckedFile::operator=(CheckedFile&& other) noexcept {
  if (this == &other) return *this;
  close();
  path_ = std::move(other.path_);
  fd_ = std::exchange(other.fd_, -1);
  found_by_ = other.found_by_;
  info_ = other.info_;
  return *this;
}

CheckedFile::~CheckedFile() { close(); }

void CheckedFile::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

Result<std::string> CheckedFile::sha256() const { return sha256_hex_fd(fd_, path_.string()); }

Result<std::string> CheckedFile::open_path() const {
  if (descriptors_have_names()) return fmt::format("/proc/self/fd/{}", fd_);
  std::error_code ec;
  const fs::path folder = fs::canonical(path_.parent_path(), ec);
  const fs::path way = folder / path_.filename();
  struct stat info {};
  if (ec || lstat(way.c_str(), &info) != 0 || !same_file(info, info_))
    return refuse("there is no /proc to open it through, and its path leads elsewhere by now");
  if (std::string reason = check_way(way, found_by_); !reason.empty())
    return refuse("there is no /proc to open it through, and " + reason);
  return way.string();
}

// The dynamic linker remembers the names of what it has loaded and answers a name that it has seen
// without a look at the file; numbers of descriptors are used again. So the name also says which
// file it is: device and inode, bit by bit, as "/" and "/.", which mean nothing in a path. A library
// that is loaded stays mapped, and what is mapped keeps its inode.
Result<std::string> CheckedFile::load_path() const {
  const auto path = open_path();
  if (!path) return path;
  std::string name;
  for (const std::uint64_t word : {std::uint64_t{info_.st_dev}, std::uint64_t{info_.st_ino}}) {
    for (int bit = 63; bit >= 0; --bit) name += (word >> bit & 1) != 0 ? "/." : "/";
  }
  return name + *path;
}

}  // namespace tenon
