// Metadata values of a GGUF file: scalars by value, strings and arrays as views of the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "framework/base/byte_reader.hpp"

namespace tenon {

enum class GgufType : std::uint32_t {
  u8,
  i8,
  u16,
  i16,
  u32,
  i32,
  f32,
  boolean,
  string,
  array,
  u64,
  i64,
  f64,
};

struct GgufTypeInfo {
  std::string_view name;
  std::uint32_t bytes;  // of one value; 0 where the size varies
};

// nullptr for a number that is no GGUF type.
const GgufTypeInfo* find_gguf_type(std::uint32_t number);
std::string_view gguf_type_name(GgufType type);

// One number or truth value, widened; the exact type is kept beside it.
using GgufScalar = std::variant<std::uint64_t, std::int64_t, double, bool>;

// A view: valid as long as the GgufFile it came from.
class GgufArray {
 public:
  GgufArray() = default;
  GgufArray(GgufType element, std::uint64_t count, std::span<const std::byte> bytes,
            std::span<const std::uint64_t> starts)
      : element_(element), count_(count), bytes_(bytes), starts_(starts) {}

  GgufType element() const { return element_; }
  std::uint64_t size() const { return count_; }
  std::span<const std::byte> bytes() const { return bytes_; }  // as stored, unaligned

  // i < size(). string_at needs element() == string, scalar_at any other.
  std::string_view string_at(std::uint64_t i) const;
  GgufScalar scalar_at(std::uint64_t i) const;

 private:
  GgufType element_ = GgufType::u8;
  std::uint64_t count_ = 0;
  std::span<const std::byte> bytes_;
  std::span<const std::uint64_t> starts_;  // of strings: count + 1 offsets of the length fields
};

using GgufPayload = std::variant<GgufScalar, std::string_view, GgufArray>;

struct GgufValue {
  GgufType type = GgufType::u8;
  GgufPayload payload;
};

// What the arrays of one file need beside their bytes, and how long they are together.
struct GgufArrays {
  // Where each string of each string array starts. An inner vector never moves once made.
  std::vector<std::vector<std::uint64_t>> starts;
  std::uint64_t elements = 0;
};

// Reads a type number and the value after it.
Result<GgufValue> read_gguf_value(ByteReader& reader, GgufArrays& arrays);

}  // namespace tenon
