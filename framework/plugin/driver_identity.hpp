// What the drivers that a plugin opens are on this machine: with another driver, a plugin that
// behaved may crash, and one that crashed may behave.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace tenon {

// A text that differs when one of `drivers` (Manifest) is another: names, sizes and times of files,
// and values of variables. "" for none. `root` stands before every absolute path (tests).
std::string driver_identity(const std::vector<std::string>& drivers,
                            const std::filesystem::path& root = "/");

}  // namespace tenon
