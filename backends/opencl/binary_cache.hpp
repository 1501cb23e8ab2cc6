// Built programs on disk, one file for each: drivers of phones take seconds for what is read in
// milliseconds. A file is believed if it names what was asked for and its sum is right; it appears
// whole or not at all, so that many processes may use the folder at the same time.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace tenon::opencl {

class BinaryCache {
 public:
  // $TENON_OPENCL_CACHE, else the user's folder for caches; "" or no home: nothing is kept.
  static BinaryCache of_user();
  explicit BinaryCache(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // `key`: everything that the binary depends on. Empty if there is none, or a damaged one.
  std::optional<std::vector<std::byte>> find(const std::string& key) const;
  // Failing to keep it is no failure.
  void keep(const std::string& key, const std::vector<std::byte>& binary) const;
  // One that the driver does not take.
  void drop(const std::string& key) const;

 private:
  std::filesystem::path path_of(const std::string& key) const;

  std::filesystem::path folder_;
};

}  // namespace tenon::opencl
