// CheckedFile: a file with code, opened once and checked; what is hashed, probed and run is that one.
#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <string>

#include "framework/base/result.hpp"
#include "framework/plugin/owner.hpp"

namespace tenon {

// Why somebody else may have planted a file there; "" if nobody can. A missing folder is fine.
std::string check_folder(const std::filesystem::path& folder, FoundBy found_by);

// Move-only; closes its descriptor.
class CheckedFile {
 public:
  // A regular file, no link, that others cannot write to, in a folder of which the same holds; both
  // belong to root or to this user.
  static Result<CheckedFile> open(const std::filesystem::path& path, FoundBy found_by);

  CheckedFile(CheckedFile&& other) noexcept;
  CheckedFile& operator=(CheckedFile&& other) noexcept;
  CheckedFile(const CheckedFile&) = delete;
  CheckedFile& operator=(const CheckedFile&) = delete;
  ~CheckedFile();

  int fd() const { return fd_; }
  const struct stat& info() const { return info_; }
  Result<std::string> sha256() const;

  // The name to load it by: this open file, wherever its path leads by now. It is a name of this
  // file alone, so the descriptor may be closed once the library is loaded.
  std::string load_path() const;

 private:
  CheckedFile(std::filesystem::path path, int fd) : path_(std::move(path)), fd_(fd) {}
  void close();

  std::filesystem::path path_;
  int fd_ = -1;
  struct stat info_ {};
};

}  // namespace tenon
