// Names, sizes and times: what a package manager changes when it replaces a driver.
#include "framework/plugin/driver_identity.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <system_error>

namespace tenon {
namespace {

namespace fs = std::filesystem;

constexpr std::array k_library_folders = {"usr/local/lib", "usr/lib/x86_64-linux-gnu",
                                          "usr/lib/aarch64-linux-gnu", "usr/lib64", "usr/lib"};

// Follows links: what counts is the file that is read in the end.
void add_file(const fs::path& path, std::string& text) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return;
  text += fmt::format("{} {} {}.{:09}\n", path.string(), info.st_size, info.st_mtim.tv_sec,
                      info.st_mtim.tv_nsec);
}

// A file, or all files of a folder.
void add_path(const fs::path& path, std::string& text) {
  std::error_code ec;
  std::vector<fs::path> files;
  for (fs::directory_iterator at(path, ec), end; !ec && at != end; at.increment(ec))
    files.push_back(at->path());
  if (files.empty()) return add_file(path, text);
  std::sort(files.begin(), files.end());  // the system lists them in any order
  for (const fs::path& file : files) add_file(file, text);
}

void add_variable(const std::string& name, std::string& text) {
  if (const char* value = std::getenv(name.c_str())) text += fmt::format("{}={}\n", name, value);
}

void add_library(const std::string& name, const fs::path& root, std::string& text) {
  add_variable("LD_LIBRARY_PATH", text);
  for (const char* folder : k_library_folders) add_file(root / folder / name, text);
}

}  // namespace

std::string driver_identity(const std::vector<std::string>& drivers, const fs::path& root) {
  std::string text;
  for (const std::string& entry : drivers) {
    text += entry + '\n';
    if (entry.starts_with('$')) {
      add_variable(entry.substr(1), text);
    } else if (entry.starts_with('/')) {
      add_path(root / entry.substr(1), text);
    } else {
      add_library(entry, root, text);
    }
  }
  return text;
}

}  // namespace tenon
