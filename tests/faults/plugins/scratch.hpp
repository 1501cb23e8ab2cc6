// Scratch: a private folder of plugin files for one test, and how to scan it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "framework/plugin/catalog.hpp"

namespace tenon::test {

class Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  const std::filesystem::path& folder() const { return folder_; }

  // Copies the fixture; `as` is its file name here, by default its own. Returns the path.
  std::filesystem::path add(std::string_view fixture, std::string_view as = {}) const;
  std::filesystem::path add_bytes(std::string_view as, std::span<const std::byte> bytes) const;

  // Only this folder, every file probed, no cache.
  ScanOptions options() const;

 private:
  std::filesystem::path folder_;
};

std::vector<std::byte> fixture_bytes(std::string_view fixture);

// The candidate of that file name; fails the test and returns an empty one if there is none.
ListedPlugin candidate(const Catalog& catalog, std::string_view file_name);

}  // namespace tenon::test
