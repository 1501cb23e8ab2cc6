// Reading of the key-value section, and the typed getters.
#include "framework/formats/gguf/metadata.hpp"

#include <limits>
#include <utility>

#include "framework/formats/name_order.hpp"

namespace tenon {
namespace {

constexpr std::uint64_t k_max_key_bytes = 65535;

// The value as T, or why not.
template <class T>
using Converted = tl::expected<T, std::string_view>;

template <class T>
constexpr std::string_view k_wanted = "an integer";
template <>
constexpr std::string_view k_wanted<double> = "a float";
template <>
constexpr std::string_view k_wanted<bool> = "a bool";

template <class T>
Converted<T> convert(const GgufScalar& scalar) {
  const auto* same = std::get_if<T>(&scalar);
  if (same == nullptr) return tl::unexpected<std::string_view>("wrong type");
  return *same;
}

template <>
Converted<std::uint64_t> convert(const GgufScalar& scalar) {
  if (const auto* value = std::get_if<std::uint64_t>(&scalar)) return *value;
  const auto* value = std::get_if<std::int64_t>(&scalar);
  if (value == nullptr) return tl::unexpected<std::string_view>("wrong type");
  if (*value < 0) return tl::unexpected<std::string_view>("out of range: negative");
  return static_cast<std::uint64_t>(*value);
}

template <>
Converted<std::int64_t> convert(const GgufScalar& scalar) {
  if (const auto* value = std::get_if<std::int64_t>(&scalar)) return *value;
  const auto* value = std::get_if<std::uint64_t>(&scalar);
  if (value == nullptr) return tl::unexpected<std::string_view>("wrong type");
  if (*value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return tl::unexpected<std::string_view>("out of range: above 2^63-1");
  }
  return static_cast<std::int64_t>(*value);
}

std::string describe(const GgufValue& value) {
  const auto* array = std::get_if<GgufArray>(&value.payload);
  if (array == nullptr) return std::string(gguf_type_name(value.type));
  return fmt::format("array of {}", gguf_type_name(array->element()));
}

std::string mismatch(const GgufValue& value, std::string_view why, std::string_view wanted) {
  return fmt::format("{} ({} is needed, the file has {})", why, wanted, describe(value));
}

std::string wanted_list(std::string_view wanted) {
  return fmt::format("an array, each element {},", wanted);
}

}  // namespace

Result<GgufMetadata> GgufMetadata::read(ByteReader& reader, std::uint64_t count) {
  GgufMetadata metadata;
  metadata.file_ = reader.file();
  metadata.entries_.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    if (auto entry = metadata.read_entry(reader, i); !entry) return fail(entry);
  }
  reader.describe({});
  metadata.order_ = order_by_name(metadata.entries_);
  if (const auto* twice = find_duplicate(metadata.entries_, metadata.order_)) {
    return metadata.error(*twice, "this key occurs twice");
  }
  return metadata;
}

Status GgufMetadata::read_entry(ByteReader& reader, std::uint64_t index) {
  constexpr std::string_view k_kind = "metadata entry";
  reader.describe({k_kind, index, {}});
  const auto start = reader.offset();
  const auto key = reader.read_string("key", k_max_key_bytes);
  if (!key) return fail(key);
  if (key->empty()) return reader.error(start, "key", "the key is empty");
  entries_.push_back({std::string(*key), {}, reader.offset()});
  reader.describe({k_kind, index, entries_.back().name});
  auto value = read_gguf_value(reader, arrays_);
  if (!value) return fail(value);
  entries_.back().value = *value;
  return {};
}

const GgufEntry* GgufMetadata::find(std::string_view key) const {
  return find_by_name(entries_, order_, key);
}

tl::unexpected<Error> GgufMetadata::error(const GgufEntry& entry, std::string_view what) const {
  const auto index = static_cast<std::uint64_t>(&entry - entries_.data());
  return fail_at(file_, entry.offset, {"metadata entry", index, entry.name}, "value", what);
}

template <class T>
Result<std::optional<T>> GgufMetadata::get_scalar(std::string_view key) const {
  const auto* entry = find(key);
  if (entry == nullptr) return std::optional<T>{};
  const auto* scalar = std::get_if<GgufScalar>(&entry->value.payload);
  if (scalar == nullptr) return error(*entry, mismatch(entry->value, "wrong type", k_wanted<T>));
  const auto value = convert<T>(*scalar);
  if (!value) return error(*entry, mismatch(entry->value, value.error(), k_wanted<T>));
  return std::optional<T>(*value);
}

template <class T>
Result<std::optional<std::uint64_t>> GgufMetadata::visit(
    std::string_view key, const std::function<void(std::uint64_t, T)>& take) const {
  const auto* entry = find(key);
  if (entry == nullptr) return std::optional<std::uint64_t>{};
  const auto wanted = wanted_list(k_wanted<T>);
  const auto* array = std::get_if<GgufArray>(&entry->value.payload);
  if (array == nullptr || array->element() == GgufType::string) {
    return error(*entry, mismatch(entry->value, "wrong type", wanted));
  }
  for (std::uint64_t i = 0; i < array->size(); ++i) {
    const auto value = convert<T>(array->scalar_at(i));
    if (!value) {
      const auto why = fmt::format("element {}: {}", i, value.error());
      return error(*entry, mismatch(entry->value, why, wanted));
    }
    take(i, *value);
  }
  return std::optional<std::uint64_t>(array->size());
}

template <class T>
Result<std::optional<T>> GgufMetadata::get_view(std::string_view key,
                                                std::string_view wanted) const {
  const auto* entry = find(key);
  if (entry == nullptr) return std::optional<T>{};
  const auto* view = std::get_if<T>(&entry->value.payload);
  if (view == nullptr) return error(*entry, mismatch(entry->value, "wrong type", wanted));
  return std::optional<T>(*view);
}

Result<std::optional<std::uint64_t>> GgufMetadata::get_u64(std::string_view key) const {
  return get_scalar<std::uint64_t>(key);
}
Result<std::optional<std::int64_t>> GgufMetadata::get_i64(std::string_view key) const {
  return get_scalar<std::int64_t>(key);
}
Result<std::optional<double>> GgufMetadata::get_f64(std::string_view key) const {
  return get_scalar<double>(key);
}
Result<std::optional<bool>> GgufMetadata::get_bool(std::string_view key) const {
  return get_scalar<bool>(key);
}
Result<std::optional<std::string_view>> GgufMetadata::get_string(std::string_view key) const {
  return get_view<std::string_view>(key, "a string");
}
Result<std::optional<GgufArray>> GgufMetadata::get_array(std::string_view key) const {
  return get_view<GgufArray>(key, "an array");
}
Result<std::optional<GgufArray>> GgufMetadata::get_strings(std::string_view key) const {
  auto array = get_view<GgufArray>(key, "an array of strings");
  if (array && *array && (*array)->element() != GgufType::string) {
    const auto& entry = *find(key);
    return error(entry, mismatch(entry.value, "wrong type", "an array of strings"));
  }
  return array;
}
template <class T>
using Take = const std::function<void(std::uint64_t, T)>&;
using Visited = Result<std::optional<std::uint64_t>>;
template Visited GgufMetadata::visit(std::string_view, Take<std::uint64_t>) const;
template Visited GgufMetadata::visit(std::string_view, Take<std::int64_t>) const;
template Visited GgufMetadata::visit(std::string_view, Take<double>) const;
template Visited GgufMetadata::visit(std::string_view, Take<bool>) const;

}  // namespace tenon
