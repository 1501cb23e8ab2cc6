// What a device need not do twice, on disk: programs that were built, tests that were passed. A file is
// believed if it names what was asked for and its sum is right; it appears whole or not at all, so that
// many processes may use the folder at the same time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tenon::gpu {

// FNV-1a: for names and damage, not against malice. `sum`: of what came before.
uint64_t hash_of(std::span<const std::byte> bytes, uint64_t sum = 0xcbf29ce484222325u);

class FileCache {
 public:
  // Of the backend `name`: $TENON_NAME_CACHE, else a part of the user's folder for caches; "" or no
  // home: nothing is kept.
  static FileCache of_user(const std::string& name);
  explicit FileCache(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // `key`: everything that the bytes depend on. Empty if there is none, or a damaged one.
  std::optional<std::vector<std::byte>> find(const std::string& key) const;
  // Failing to keep it is no failure.
  void keep(const std::string& key, const std::vector<std::byte>& bytes) const;
  // One that the driver does not take.
  void drop(const std::string& key) const;

 private:
  std::filesystem::path path_of(const std::string& key) const;

  std::filesystem::path folder_;
};

}  // namespace tenon::gpu
