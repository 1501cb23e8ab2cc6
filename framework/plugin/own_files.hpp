// The files this code runs from, beside which its plugins and its probe are installed.
#pragma once

#include <filesystem>
#include <vector>

namespace tenon {

// The program; then the shared library that holds this function, if one does. Both lie in a folder
// (bin, lib) beside lib/tenon/plugins/1.
std::vector<std::filesystem::path> own_files();

}  // namespace tenon
