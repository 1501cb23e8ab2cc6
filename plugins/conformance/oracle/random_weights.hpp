// Random weights in any format: random bits, with scales of a trained model's size.
#pragma once

#include <cstring>
#include <string_view>

#include "formats.hpp"

namespace tenon::oracle {

// A positive half in [2^-8, 2^-6).
inline uint32_t random_scale(std::mt19937& generator) {
  return (7u << 10) + static_cast<uint32_t>(generator() % 2048);
}

inline void random_block(const Format& f, std::size_t bytes, std::mt19937& generator, uint8_t* to) {
  for (std::size_t i = 0; i < bytes; ++i) to[i] = static_cast<uint8_t>(generator());
  for (const int at : f.halves) {
    uint32_t bits = random_scale(generator);
    const bool minimum = at == 2 && f.dtype[3] == '1';  // q4_1, q5_1: about -8 and -16 steps
    if (minimum) bits += 0x8000u + (f.dtype[1] == '4' ? 3u << 10 : 4u << 10);
    to[at] = static_cast<uint8_t>(bits);
    to[at + 1] = static_cast<uint8_t>(bits >> 8);
  }
  if (f.dtype == std::string_view("mxfp4")) to[0] = static_cast<uint8_t>(118 + to[0] % 4);
}

inline std::vector<uint8_t> random_weights(const std::string& dtype, int64_t count, uint32_t seed) {
  const Format& d = format(dtype);
  const auto block = static_cast<std::size_t>(d.bytes);
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal(0.0f, 0.05f);
  std::vector<uint8_t> bytes(static_cast<std::size_t>(count / d.values) * block);
  for (std::size_t at = 0; at < bytes.size(); at += block) {
    uint8_t* to = bytes.data() + at;
    if (d.values > 1) {
      random_block(format(dtype), block, generator, to);
      continue;
    }
    const float x = normal(generator);
    uint32_t bits;
    std::memcpy(&bits, &x, 4);
    if (dtype == "f16") {  // exponent 127-15 lower; x is far from both ends of the range
      const uint32_t magnitude = bits & 0x7fffffffu;
      const uint32_t half = magnitude < 0x38800000u ? 0 : (magnitude - 0x38000000u) >> 13;
      bits = (bits >> 31 << 15 | half) << 16;
    }
    if (dtype == "f32") {
      std::memcpy(to, &x, 4);
    } else {
      bits >>= 16;
      std::memcpy(to, &bits, 2);
    }
  }
  return bytes;
}

}  // namespace tenon::oracle
