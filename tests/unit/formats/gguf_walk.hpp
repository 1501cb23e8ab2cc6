// walk(): touches everything a GgufFile offers, as its users would; for mutation tests and fuzzing.
#pragma once

#include <cstddef>
#include <cstdint>

#include "framework/formats/gguf/gguf.hpp"

namespace tenon::testing {

inline std::uint64_t walk_array(const GgufArray& array) {
  std::uint64_t sum = array.bytes().size();
  for (std::uint64_t i = 0; i < array.size(); ++i) {
    if (array.element() == GgufType::string) {
      for (const char c : array.string_at(i)) sum += static_cast<unsigned char>(c);
    } else {
      sum += array.scalar_at(i).index();
    }
  }
  return sum;
}

// The numbers of a list; empty if there is none.
template <class T>
Result<std::vector<T>> list(const GgufMetadata& metadata, std::string_view key) {
  std::vector<T> values;
  const auto length = metadata.visit<T>(key, [&](std::uint64_t, T v) { values.push_back(v); });
  if (!length) return fail(length);
  return values;
}

inline std::uint64_t walk_getters(const GgufMetadata& metadata, const std::string& key) {
  const bool read[] = {
      metadata.get_u64(key).has_value(),
      metadata.get_i64(key).has_value(),
      metadata.get_f64(key).has_value(),
      metadata.get_bool(key).has_value(),
      metadata.get_string(key).has_value(),
      metadata.get_strings(key).has_value(),
      list<std::uint64_t>(metadata, key).has_value(),
      list<std::int64_t>(metadata, key).has_value(),
      list<double>(metadata, key).has_value(),
      list<bool>(metadata, key).has_value(),
  };
  std::uint64_t sum = 0;
  for (const bool ok : read) sum += ok ? 1U : 0U;
  const auto array = metadata.get_array(key);
  return array && *array ? sum + walk_array(**array) : sum;
}

// The sum keeps the reads from being optimised away.
inline std::uint64_t walk(const GgufFile& file) {
  std::uint64_t sum = file.size();
  for (const auto& entry : file.metadata().entries()) {
    sum += walk_getters(file.metadata(), entry.name);
  }
  for (const auto& tensor : file.tensors()) {
    sum += static_cast<std::uint64_t>(tensor.rows());
    for (const std::byte byte : tensor.data) sum += std::to_integer<unsigned>(byte);
    sum += file.find_tensor(tensor.name) == &tensor ? 1U : 0U;
  }
  return sum;
}

}  // namespace tenon::testing
