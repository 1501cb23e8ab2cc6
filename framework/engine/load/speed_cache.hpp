// SpeedCache: what was measured of devices on this machine; losing it costs time, never more.
#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace tenon {

// $XDG_CACHE_HOME/tenon/speeds.json; empty for set-uid programs and without a home.
std::filesystem::path default_speed_cache();

// What was measured once stays: the same file, the same choice of devices. Thread-safe.
class SpeedCache {
 public:
  // A missing, unreadable or damaged file is an empty cache; an empty path is never written.
  explicit SpeedCache(std::filesystem::path path = {}) : path_(std::move(path)) {}

  // Bytes per second, by the identity of a device.
  std::optional<double> find(const std::string& identity);
  // Remembers and writes the file; a failure to write is nobody's problem.
  void store(const std::string& identity, double speed);

 private:
  void read();

  std::mutex mutex_;
  std::filesystem::path path_;
  std::map<std::string, double> speeds_;
};

}  // namespace tenon
