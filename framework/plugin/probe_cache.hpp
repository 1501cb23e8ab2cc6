// ProbeCache: results of earlier probes by content of the file; losing it costs time, never more.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace tenon {

class ProbeCache {
 public:
  // A missing, unreadable or damaged file is an empty cache; so is an empty path.
  static ProbeCache load(const std::filesystem::path& path);

  // The reason ("" is ok) if this version of the host has probed that content.
  std::optional<std::string> find(const std::string& sha256) const;

  // Remembers and writes the file; a failure to write is nobody's problem.
  void store(const std::string& sha256, const std::string& reason);

 private:
  explicit ProbeCache(std::filesystem::path path) : path_(std::move(path)) {}
  void save() const;

  std::filesystem::path path_;
  std::map<std::string, std::string> reasons_;  // sha256 -> reason
};

}  // namespace tenon
