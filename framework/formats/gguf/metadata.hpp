// GgufMetadata: the key-value section of a GGUF file, with typed and checked access.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "framework/formats/gguf/value.hpp"

namespace tenon {

struct GgufEntry {
  std::string name;  // the key; owned, so that order and messages hold whatever the file does
  GgufValue value;
  std::uint64_t offset = 0;  // of the value's type number in the file
};

// Getters answer: nullopt when the key is absent; ErrorCode::model when the type is wrong or the
// value does not fit, with file, offset and key; otherwise the value. Integers of any width will
// do for get_u64 and get_i64; get_f64 takes f32 and f64 as they are, NaN included.
class GgufMetadata {
 public:
  // `count` was checked against the size of the file.
  static Result<GgufMetadata> read(ByteReader& reader, std::uint64_t count);

  GgufMetadata() = default;
  GgufMetadata(GgufMetadata&&) = default;
  GgufMetadata& operator=(GgufMetadata&&) = default;
  GgufMetadata(const GgufMetadata&) = delete;  // values point into arrays_
  GgufMetadata& operator=(const GgufMetadata&) = delete;

  const std::vector<GgufEntry>& entries() const { return entries_; }  // in file order
  const GgufEntry* find(std::string_view key) const;

  Result<std::optional<std::uint64_t>> get_u64(std::string_view key) const;
  Result<std::optional<std::int64_t>> get_i64(std::string_view key) const;
  Result<std::optional<double>> get_f64(std::string_view key) const;
  Result<std::optional<bool>> get_bool(std::string_view key) const;
  Result<std::optional<std::string_view>> get_string(std::string_view key) const;

  Result<std::optional<GgufArray>> get_array(std::string_view key) const;    // of anything
  Result<std::optional<GgufArray>> get_strings(std::string_view key) const;  // for string_at
  // The elements of a list of numbers, one by one, each checked like the scalar of that kind, which
  // is uint64_t, int64_t, double or bool. Nothing is copied: lists of bytes may be long. The answer
  // is the length of the list.
  template <class T>
  Result<std::optional<std::uint64_t>> visit(
      std::string_view key, const std::function<void(std::uint64_t, T)>& take) const;

  // For checks made elsewhere: "file: byte N: metadata key "x": value: what".
  tl::unexpected<Error> error(const GgufEntry& entry, std::string_view what) const;

 private:
  Status read_entry(ByteReader& reader, std::uint64_t index);
  template <class T>
  Result<std::optional<T>> get_scalar(std::string_view key) const;
  template <class T>
  Result<std::optional<T>> get_view(std::string_view key, std::string_view wanted) const;

  std::string file_;
  std::vector<GgufEntry> entries_;
  std::vector<std::uint32_t> order_;
  GgufArrays arrays_;
};

}  // namespace tenon
