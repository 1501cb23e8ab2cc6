// One JSON file {"host": version, "results": {sha256: {"reason", "time"}}}, replaced as a whole.
#include "framework/plugin/probe_cache.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <tenon/abi/base.h>
#include <tenon/abi/sizes_1_0.h>

#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <span>
#include <system_error>

#include "framework/base/atomic_file.hpp"
#include "framework/plugin/manifest.hpp"
#include "framework/plugin/one_line.hpp"

namespace tenon {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
constexpr std::size_t k_max_bytes = 4 * 1024 * 1024;
constexpr std::size_t k_max_entries = 4096;
constexpr std::int64_t k_day = 24 * 60 * 60;

std::int64_t now() {
  using std::chrono::system_clock;
  return std::chrono::duration_cast<std::chrono::seconds>(system_clock::now().time_since_epoch())
      .count();
}

// Another host may come to other results.
std::string host_version() {
  return fmt::format("{} abi {}.{} draft {} {}", TENON_VERSION, TN_ABI_MAJOR, TN_ABI_MINOR,
                     TN_ABI_DRAFT, fmt::join(host_sanitizers(), ","));
}

std::string read_text(const fs::path& path) {
  std::error_code ec;
  const auto size = fs::file_size(path, ec);
  if (ec || size > k_max_bytes) return "";
  std::string text(size, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(text.data(), static_cast<std::streamsize>(size));
  return file ? text : "";
}

}  // namespace

ProbeCache ProbeCache::load(const fs::path& path) {
  ProbeCache cache(path);
  if (path.empty()) return cache;
  const Json json = Json::parse(read_text(path), nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || json.value("host", Json()) != Json(host_version())) return cache;
  const auto results = json.find("results");
  if (results == json.end() || !results->is_object()) return cache;
  for (const auto& [sha256, result] : results->items()) {
    if (!result.is_object()) continue;
    const Json reason = result.value("reason", Json()), time = result.value("time", Json());
    if (!reason.is_string() || !time.is_number_integer()) continue;
    cache.results_.emplace(
        sha256, Entry{one_line(reason.get<std::string>(), 512), time.get<std::int64_t>()});
  }
  return cache;
}

std::optional<std::string> ProbeCache::find(const std::string& sha256) const {
  const auto found = results_.find(sha256);
  if (found == results_.end()) return std::nullopt;
  const auto& [reason, time] = found->second;
  // A time that is yet to come is that of a clock which was wrong.
  const bool fresh = time <= now() && time > now() - k_day;
  return reason.empty() || fresh ? std::optional(reason) : std::nullopt;
}

void ProbeCache::store(const std::string& sha256, const std::string& reason) {
  if (results_.size() >= k_max_entries) results_.clear();
  results_[sha256] = {reason, now()};
  if (!path_.empty()) save();
}

void ProbeCache::save() const {
  std::error_code ec;
  fs::create_directories(path_.parent_path(), ec);
  Json results = Json::object();
  for (const auto& [sha256, entry] : results_) {
    results[sha256] = {{"reason", entry.reason}, {"time", entry.time}};
  }
  const Json json{{"host", host_version()}, {"results", std::move(results)}};
  const std::string text = json.dump(1, ' ', false, Json::error_handler_t::replace);
  auto file = AtomicFile::create(path_);
  if (!file) return;
  if (file->append(std::as_bytes(std::span(text)))) static_cast<void>(file->commit());
}

}  // namespace tenon
