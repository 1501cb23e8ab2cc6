// Parses the manifest: JSON with a depth cap, every string short and printable, nothing thrown.
#include "framework/plugin/manifest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

#include "framework/base/sanitizer.h"
#include "framework/plugin/elf_note.hpp"

namespace tenon {
namespace {

using Json = nlohmann::json;
constexpr int k_max_depth = 8;
constexpr std::size_t k_max_text = 128;
constexpr std::size_t k_max_list = 64;

tl::unexpected<Error> refuse(std::string what) {
  return fail(ErrorCode::unavailable, "bad manifest: " + std::move(what));
}

bool is_printable(std::string_view text) {
  return text.size() <= k_max_text && std::none_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == '\x7f';
         });
}

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= k_max_text &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '.' || c == '_' || c == '-' || c == '+';
         });
}

Result<Json> parse_json(std::string_view text) {
  bool too_deep = false;
  const auto cap = [&](int depth, Json::parse_event_t, Json&) {
    too_deep = too_deep || depth > k_max_depth;
    return !too_deep;
  };
  Json json = Json::parse(text, cap, /*allow_exceptions=*/false);
  if (too_deep) return refuse("nested too deeply");
  if (json.is_discarded()) return refuse("not valid JSON");
  if (!json.is_object()) return refuse("not a JSON object");
  return json;
}

// "" for an absent optional key.
Result<std::string> text_of(const Json& json, const char* key, bool required) {
  const auto found = json.find(key);
  if (found == json.end()) {
    if (required) return refuse(fmt::format("\"{}\" is missing", key));
    return std::string();
  }
  const auto* text = found->get_ptr<const std::string*>();
  if (text == nullptr) return refuse(fmt::format("\"{}\" is not a string", key));
  if (!is_printable(*text)) return refuse(fmt::format("\"{}\" is not a short line", key));
  return *text;
}

Result<std::vector<std::string>> list_of(const Json& json, const char* key,
                                         bool (*valid)(std::string_view)) {
  std::vector<std::string> list;
  const auto found = json.find(key);
  if (found == json.end()) return list;
  if (!found->is_array() || found->size() > k_max_list) {
    return refuse(fmt::format("\"{}\" is not a short list", key));
  }
  for (const Json& item : *found) {
    const auto* text = item.get_ptr<const std::string*>();
    if (text == nullptr || !valid(*text)) {
      return refuse(fmt::format("\"{}\" holds something that is not a name", key));
    }
    list.push_back(*text);
  }
  return list;
}

std::optional<AbiVersion> parse_version(std::string_view text) {
  AbiVersion version;
  const char* end = text.data() + text.size();
  const auto major = std::from_chars(text.data(), end, version.major);
  if (major.ec != std::errc() || major.ptr == end || *major.ptr != '.') return std::nullopt;
  const auto minor = std::from_chars(major.ptr + 1, end, version.minor);
  if (minor.ec != std::errc() || minor.ptr != end) return std::nullopt;
  return version;
}

Result<AbiVersion> version_of(const Json& json, const char* key) {
  const auto text = text_of(json, key, true);
  if (!text) return fail(text);
  const auto version = parse_version(*text);
  if (!version) return refuse(fmt::format("\"{}\" is not MAJOR.MINOR", key));
  return *version;
}

// "address,undefined" or "address+undefined"; "none" is the empty list.
std::vector<std::string> split_sanitizers(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(",+ "), text.size());
    const std::string_view name = text.substr(0, end);
    if (!name.empty() && name != "none") names.emplace_back(name);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return names;
}

template <class T>
bool take(Result<T> result, T& out, Status& status) {
  if (!status) return false;
  if (!result) {
    status = fail(result);
    return false;
  }
  out = std::move(*result);
  return true;
}

}  // namespace

std::string AbiVersion::text() const { return fmt::format("{}.{}", major, minor); }

Result<Manifest> parse_manifest(std::string_view text) {
  if (text.size() > k_max_manifest) return refuse("longer than 64 KiB");
  // A note's description may be padded with NULs.
  while (!text.empty() && text.back() == '\0') text.remove_suffix(1);
  const auto json = parse_json(text);
  if (!json) return fail(json);
  Manifest m;
  std::string sanitizers;
  Status status;
  take(version_of(*json, "abi"), m.abi, status);
  take(version_of(*json, "min"), m.min, status);
  take(text_of(*json, "draft", false), m.draft, status);
  take(text_of(*json, "id", true), m.id, status);
  take(text_of(*json, "version", true), m.version, status);
  take(text_of(*json, "vendor", false), m.vendor, status);
  take(list_of(*json, "kinds", is_id), m.kinds, status);
  take(list_of(*json, "cpu", is_id), m.cpu, status);
  take(text_of(*json, "sanitizer", false), sanitizers, status);
  take(list_of(*json, "drivers", is_printable), m.drivers, status);
  if (!status) return fail(status);
  if (!is_id(m.id)) return refuse("\"id\" is not a name such as com.acme.q4k");
  if (m.kinds.empty()) return refuse("\"kinds\" is missing");
  m.sanitizers = split_sanitizers(sanitizers);
  return m;
}

std::vector<std::string> host_sanitizers() {
  if (std::string_view(TENON_SANITIZER) == "none") return {};
  return {TENON_SANITIZER};
}

}  // namespace tenon
