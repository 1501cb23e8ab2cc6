// q6_K: 256 values in 16 groups; 128 bytes of low nibbles, 64 of high bit pairs, 16 signed scales,
// half d: d * scale * (q - 32).
#pragma once

#include <tenon/sdk/kernel.hpp>

#include "fields.hpp"

namespace tenon::cpu::formats {

struct Q6K {
  static constexpr sdk::Name dtype{"q6_K"};
  static constexpr int64_t values = 256, bytes = 210;
  static void block(const uint8_t* in, float* out) {
    const float d = half_at(in + 208);
    for (int i = 0; i < 256; ++i) {
      const int scale = static_cast<int8_t>(in[192 + i / 16]);
      out[i] = d * static_cast<float>(scale) * static_cast<float>(quant_at(in, i) - 32);
    }
  }

 private:
  // Each half of the block holds four runs of 32 values: low nibbles of two runs, then their high
  // nibbles; the bit pairs of the four runs share a byte.
  static int quant_at(const uint8_t* in, int i) {
    const int half = i / 128, run = i % 128 / 32, lane = i % 32;
    const int low = in[64 * half + run % 2 * 32 + lane] >> (run / 2 * 4) & 15;
    return low | (in[128 + 32 * half + lane] >> (2 * run) & 3) << 4;
  }
};

}  // namespace tenon::cpu::formats
