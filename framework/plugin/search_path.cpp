// Where the command line looks for plugins. Never the current folder, never the program's own.
#include <sys/auxv.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "framework/plugin/catalog.hpp"
#include "framework/plugin/own_files.hpp"
#include "framework/plugin/probe.hpp"

namespace tenon {
namespace {

namespace fs = std::filesystem;

// A set-uid program must not load what its caller's environment names.
bool trusts_environment() { return getauxval(AT_SECURE) == 0; }

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

void append_list(std::string_view list, std::vector<fs::path>& out) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(':'), list.size());
    if (end != 0) out.emplace_back(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
}

// Empty if there is no home; the XDG rules ignore relative paths.
fs::path data_home() {
  const fs::path xdg = environment("XDG_DATA_HOME");
  if (xdg.is_absolute()) return xdg;
  const fs::path home = environment("HOME");
  return home.is_absolute() ? home / ".local/share" : fs::path();
}

}  // namespace

std::vector<fs::path> plugin_directories() {
  std::vector<fs::path> directories;
  if (trusts_environment()) {
    append_list(environment("TENON_PLUGIN_PATH"), directories);
    const fs::path data = data_home();
    if (!data.empty()) directories.push_back(data / "tenon/plugins/1");
  }
  return directories;
}

std::vector<fs::path> installed_directories() {
  std::vector<fs::path> directories;
  for (const fs::path& file : own_files())
    directories.push_back(file.parent_path().parent_path() / "lib/tenon/plugins/1");
  return directories;
}

ScanOptions ScanOptions::standard(Retry retry) {
  ScanOptions options;
  options.directories = plugin_directories();
  options.installed = installed_directories();
  if (const auto program = find_probe_program()) {
    options.prober =
        make_prober({.program = *program, .cache = default_probe_cache(), .retry = retry});
  }
  return options;
}

}  // namespace tenon
