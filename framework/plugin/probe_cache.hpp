// ProbeCache: results of earlier probes by content of the file; losing it costs time, never more.
// A good result is kept for ever, a refusal for a day: drivers are mended, disks grow warm.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace tenon {

class ProbeCache {
 public:
  // A missing, unreadable or damaged file is an empty cache; so is an empty path.
  static ProbeCache load(const std::filesystem::path& path);

  // The reason ("" is ok) if this version of the host has probed that content, and lately enough.
  std::optional<std::string> find(const std::string& sha256) const;

  // Remembers and writes the file; a failure to write is nobody's problem.
  void store(const std::string& sha256, const std::string& reason);

 private:
  struct Entry {
    std::string reason;
    std::int64_t time = 0;  // when it was probed, in seconds since 1970
  };

  explicit ProbeCache(std::filesystem::path path) : path_(std::move(path)) {}
  void save() const;

  std::filesystem::path path_;
  std::map<std::string, Entry> results_;  // by sha256
};

}  // namespace tenon
