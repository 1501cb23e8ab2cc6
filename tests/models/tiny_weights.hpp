// Weights from names: the values of make_arch_golden.py, and how each type stores them.
#pragma once

#include <array>
#include <cmath>

#include "backends/cpu/formats/half.hpp"
#include "tests/unit/formats/gguf_builder.hpp"

namespace tenon::testing {

// FNV-1a of the name, then a 32-bit finalizer of each index.
inline std::vector<std::uint32_t> tiny_noise(const std::string& name, std::size_t count) {
  std::uint32_t seed = 2166136261u;
  for (const char c : name) seed = (seed ^ static_cast<std::uint8_t>(c)) * 16777619u;
  std::vector<std::uint32_t> out;
  for (std::uint32_t i = 0; i < count; ++i) {
    std::uint32_t x = i * 0x9E3779B9u + seed;
    x = (x ^ x >> 16) * 0x7FEB352Du;
    x = (x ^ x >> 15) * 0x846CA68Bu;
    out.push_back(x ^ x >> 16);
  }
  return out;
}

inline std::vector<float> tiny_values(const std::string& name, std::size_t count) {
  std::vector<float> out;
  for (const std::uint32_t x : tiny_noise(name, count)) {
    const float unit = static_cast<float>(x >> 9) * 0x1p-23F - 0.5F;
    if (name.ends_with("norm.weight"))
      out.push_back(1 + unit);
    else if (name == "token_embd.weight")
      out.push_back(4 * unit);
    else
      out.push_back(name.ends_with(".bias") ? unit : unit / 2);
  }
  return out;
}

namespace tiny_types {

using Values = std::span<const float>;

template <class T>
void put_rounded(Bytes& out, float x) {
  T stored{};
  cpu::formats::store(x, stored);
  put(out, static_cast<std::uint16_t>(stored));
}
inline void put_half(Bytes& out, float x) { put_rounded<cpu::formats::Half>(out, x); }
inline void put_f32(Bytes& out, Values x) { put(out, x[0]); }
inline void put_f16(Bytes& out, Values x) { put_half(out, x[0]); }
inline void put_bf16(Bytes& out, Values x) { put_rounded<cpu::formats::Bf16>(out, x[0]); }

inline float largest(Values x) {
  float most = 0;
  for (const float v : x) most = std::max(most, std::abs(v));
  return most;
}
inline int step(float x, int low, int high) {
  return std::clamp(static_cast<int>(std::lround(x)), low, high);
}

inline void put_q8_0(Bytes& out, Values x) {
  const float d = largest(x) / 127;
  put_half(out, d);
  for (const float v : x) put(out, static_cast<std::int8_t>(step(v / d, -127, 127)));
}

inline void put_q4_0(Bytes& out, Values x) {
  const float d = largest(x) / 8;
  put_half(out, d);
  for (std::size_t i = 0; i < 16; ++i) {
    const int low = step(x[i] / d + 8, 0, 15), high = step(x[i + 16] / d + 8, 0, 15);
    put(out, static_cast<std::uint8_t>(low | high << 4));
  }
}

// Eight groups of 32 with the same minimum and a scale each; both have six bits.
inline void put_q4_k(Bytes& out, Values x) {
  const float most = largest(x), d = 2 * most / 15 / 63, minimum = most / 63;
  std::array<int, 8> scales{};
  for (std::size_t g = 0; g < 8; ++g)
    scales[g] = step((most + largest(x.subspan(g * 32, 32))) / 15 / d, 1, 63);
  put_half(out, d);
  put_half(out, minimum);
  for (std::size_t g = 0; g < 4; ++g)
    put(out, static_cast<std::uint8_t>(scales[g] | scales[g + 4] >> 4 << 6));
  for (std::size_t g = 0; g < 4; ++g) put(out, static_cast<std::uint8_t>(0xff));  // minima: 63
  for (std::size_t g = 4; g < 8; ++g) put(out, static_cast<std::uint8_t>((scales[g] & 15) | 0xf0));
  for (std::size_t g = 0; g < 8; g += 2)
    for (std::size_t i = 0; i < 32; ++i) {
      const auto at = [&](std::size_t group) {
        const float shifted = x[group * 32 + i] + most;
        return step(shifted / (d * static_cast<float>(scales[group])), 0, 15);
      };
      put(out, static_cast<std::uint8_t>(at(g) | at(g + 1) << 4));
    }
}

struct Row {
  const char* dtype;
  std::size_t block;
  void (*put)(Bytes& out, Values x);
};
constexpr Row k_rows[] = {{"f32", 1, put_f32},    {"f16", 1, put_f16},    {"bf16", 1, put_bf16},
                          {"q8_0", 32, put_q8_0}, {"q4_0", 32, put_q4_0}, {"q4_K", 256, put_q4_k}};

}  // namespace tiny_types

// The values as `dtype` stores them, rounded in a plain way.
inline Bytes tiny_store(std::span<const float> values, const std::string& dtype) {
  Bytes out;
  for (const tiny_types::Row& row : tiny_types::k_rows)
    if (dtype == row.dtype)
      for (std::size_t i = 0; i < values.size(); i += row.block)
        row.put(out, values.subspan(i, row.block));
  return out;
}

}  // namespace tenon::testing
