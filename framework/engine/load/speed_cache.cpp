// One JSON file {"host": version, "speeds": {identity: bytes per second}}, replaced as a whole.
#include "framework/engine/load/speed_cache.hpp"

#include <fstream>
#include <nlohmann/json.hpp>
#include <span>
#include <system_error>

#include "framework/base/atomic_file.hpp"
#include "framework/plugin/probe.hpp"

namespace tenon {
namespace {

using Json = nlohmann::json;
constexpr std::uintmax_t k_max_bytes = 1024 * 1024;

}  // namespace

std::filesystem::path default_speed_cache() {
  const std::filesystem::path beside = default_probe_cache();
  return beside.empty() ? beside : beside.parent_path() / "speeds.json";
}

// Others may have measured meanwhile.
void SpeedCache::read() {
  std::error_code ec;
  const auto size = path_.empty() ? 0 : std::filesystem::file_size(path_, ec);
  if (ec || size == 0 || size > k_max_bytes) return;
  std::ifstream file(path_, std::ios::binary);
  const Json json = Json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || json.value("host", Json()) != Json(TENON_VERSION)) return;
  const auto speeds = json.find("speeds");
  if (speeds == json.end() || !speeds->is_object()) return;
  for (const auto& [identity, speed] : speeds->items())
    if (speed.is_number() && speed.get<double>() > 0) speeds_[identity] = speed.get<double>();
}

std::optional<double> SpeedCache::find(const std::string& identity) {
  const std::scoped_lock lock(mutex_);
  if (speeds_.empty()) read();
  const auto found = speeds_.find(identity);
  return found == speeds_.end() ? std::nullopt : std::optional(found->second);
}

void SpeedCache::store(const std::string& identity, double speed) {
  const std::scoped_lock lock(mutex_);
  read();
  speeds_[identity] = speed;
  if (path_.empty()) return;
  std::error_code ec;
  std::filesystem::create_directories(path_.parent_path(), ec);
  const Json json{{"host", TENON_VERSION}, {"speeds", speeds_}};
  const std::string text = json.dump(1, ' ', false, Json::error_handler_t::replace);
  auto file = AtomicFile::create(path_);
  if (!file) return;
  if (file->append(std::as_bytes(std::span(text)))) static_cast<void>(file->commit());
}

}  // namespace tenon
