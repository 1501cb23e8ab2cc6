// One JSON file {"host": version, "reasons": {sha256: reason}}, replaced as a whole.
#include "framework/plugin/probe_cache.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <tenon/abi/base.h>

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

// Another host may come to other results.
std::string host_version() {
  return fmt::format("{} abi {}.{} {}", TENON_VERSION, TN_ABI_MAJOR, TN_ABI_MINOR,
                     fmt::join(host_sanitizers(), ","));
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
  const auto reasons = json.find("reasons");
  if (reasons == json.end() || !reasons->is_object()) return cache;
  for (const auto& [sha256, reason] : reasons->items()) {
    const auto* text = reason.get_ptr<const std::string*>();
    if (text != nullptr) cache.reasons_.emplace(sha256, one_line(*text, 512));
  }
  return cache;
}

std::optional<std::string> ProbeCache::find(const std::string& sha256) const {
  const auto found = reasons_.find(sha256);
  if (found == reasons_.end()) return std::nullopt;
  return found->second;
}

void ProbeCache::store(const std::string& sha256, const std::string& reason) {
  if (reasons_.size() >= k_max_entries) reasons_.clear();
  reasons_[sha256] = reason;
  if (!path_.empty()) save();
}

void ProbeCache::save() const {
  std::error_code ec;
  fs::create_directories(path_.parent_path(), ec);
  const Json json{{"host", host_version()}, {"reasons", reasons_}};
  const std::string text = json.dump(1, ' ', false, Json::error_handler_t::replace);
  auto file = AtomicFile::create(path_);
  if (!file) return;
  if (file->append(std::as_bytes(std::span(text)))) static_cast<void>(file->commit());
}

}  // namespace tenon
