// ScanOptions: where plugins are looked for, and what is asked of them before they are loaded.
#pragma once

#include <filesystem>
#include <vector>

#include "framework/plugin/cpu_features.hpp"
#include "framework/plugin/prober.hpp"

namespace tenon {

struct ScanOptions {
  std::vector<std::filesystem::path> files;        // --plugin; one refused is an error of the scan
  std::vector<std::filesystem::path> directories;  // in this order, after the files
  std::vector<std::filesystem::path> installed;    // the program's own, after the others
  CpuFeatures cpu = CpuFeatures::of_this_machine();
  Prober prober;  // empty: nothing is probed before it is loaded

  // The search path of the command line, and tenon-probe with its cache where it is installed.
  static ScanOptions standard(Retry retry = Retry::no);
};

// TENON_PLUGIN_PATH and XDG data; nothing for set-uid programs.
std::vector<std::filesystem::path> plugin_directories();
// <executable>/../lib/tenon/plugins/1, and the same of the library that holds this code.
std::vector<std::filesystem::path> installed_directories();

}  // namespace tenon
