// PluginFile: a plugin opened once and checked; what is hashed, probed and loaded is that one file.
#pragma once

#include <filesystem>
#include <string>

#include "framework/base/result.hpp"

namespace tenon {

// Whether a sticky folder that everybody may write to, such as /tmp, may hold the file: only when
// the user named the file itself.
enum class StickyFolder { refuse, allow };

// Why nobody else may have planted a file there; "" if so. A missing folder is fine.
std::string check_folder(const std::filesystem::path& folder, StickyFolder sticky);

// Move-only; closes the descriptor unless it was kept open for a loaded library.
class PluginFile {
 public:
  // A regular file, no link, of root or of this user, that others cannot write to.
  static Result<PluginFile> open(const std::filesystem::path& path, StickyFolder sticky);

  PluginFile(PluginFile&& other) noexcept;
  PluginFile& operator=(PluginFile&& other) noexcept;
  PluginFile(const PluginFile&) = delete;
  PluginFile& operator=(const PluginFile&) = delete;
  ~PluginFile();

  int fd() const { return fd_; }
  Result<std::string> sha256() const;

  // The name to load it by. The dynamic linker remembers names, so a number that is used again
  // would give the previous library: after a load the descriptor stays open until the process ends.
  std::string load_path() const;
  void keep_open() { kept_ = true; }

 private:
  PluginFile(std::filesystem::path path, int fd) : path_(std::move(path)), fd_(fd) {}
  void close();

  std::filesystem::path path_;
  int fd_ = -1;
  bool kept_ = false;
};

}  // namespace tenon
