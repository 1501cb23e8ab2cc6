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

// Why somebody else could make this absolute path lead to another file: one of the folders on its way
// belongs to or may be changed by others. "" if nobody can.
std::string check_way(const std::filesystem::path& file, FoundBy found_by);

// Whether descriptors have names: no, without /proc.
bool descriptors_have_names();

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

  // A path that leads to this file and to no other: through its open descriptor, or, where there is
  // no /proc, its own, if nobody else can change where that leads. Errors: who could.
  Result<std::string> open_path() const;

  // The same for the dynamic linker. It is a name of this file alone, so the descriptor may be closed
  // once the library is loaded. Errors: as of open_path.
  Result<std::string> load_path() const;

 private:
  CheckedFile(std::filesystem::path path, int fd, FoundBy found_by)
      : path_(std::move(path)), fd_(fd), found_by_(found_by) {}
  void close();

  std::filesystem::path path_;
  int fd_ = -1;
  FoundBy found_by_ = FoundBy::name;
  struct stat info_ {};
};

}  // namespace tenon
