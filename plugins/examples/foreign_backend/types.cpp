// One row per type; the block formats are those of GGUF.
#include "types.hpp"

#include <bit>
#include <cstring>

namespace foreign {
namespace {

template <class T>
T load(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

// Exact: the exponent is moved from bias 15 to bias 127 by a multiplication.
float half_at(const std::byte* from) {
  const uint32_t half = load<uint16_t>(from), sign = (half & 0x8000u) << 16;
  const uint32_t magnitude = (half & 0x7fffu) << 13;
  const bool special = magnitude >= 0x0f800000u;  // infinity or NaN
  const float value = std::bit_cast<float>(magnitude) * 0x1p112f;
  const uint32_t bits = special ? magnitude | 0x7f800000u : std::bit_cast<uint32_t>(value);
  return std::bit_cast<float>(sign | bits);
}

void unpack_f32(const std::byte* block, float* values) { *values = load<float>(block); }
void unpack_f16(const std::byte* block, float* values) { *values = half_at(block); }

// 32 values: half d, half m, 16 bytes of which the low nibbles come first; d * q + m.
void unpack_q4_1(const std::byte* block, float* values) {
  const float d = half_at(block), m = half_at(block + 2);
  for (int i = 0; i < 16; ++i) {
    const int q = std::to_integer<int>(block[4 + i]);
    values[i] = d * static_cast<float>(q & 15) + m;
    values[i + 16] = d * static_cast<float>(q >> 4) + m;
  }
}

// 32 values: half d, 32 signed bytes; d * q.
void unpack_q8_0(const std::byte* block, float* values) {
  const float d = half_at(block);
  for (int i = 0; i < 32; ++i)
    values[i] = d * static_cast<float>(std::to_integer<int8_t>(block[2 + i]));
}

constexpr Type k_types[] = {{"f32", 1, 4, unpack_f32},
                            {"i32", 1, 4, unpack_f32},  // numbers of rows: never unpacked

                            {"f16", 1, 2, unpack_f16},
                            {"q4_1", 32, 20, unpack_q4_1},
                            {"q8_0", 32, 34, unpack_q8_0}};

}  // namespace

const Type* find_type(std::string_view name) {
  for (const Type& type : k_types)
    if (type.name == name) return &type;
  return nullptr;
}

}  // namespace foreign
