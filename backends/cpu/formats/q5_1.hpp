// q5_1: blocks of 32 values, half d, half m, 32 fifth bits, 16 bytes of nibbles: d * q + m.
#pragma once

#include <tenon/sdk/kernel.hpp>

#include "fields.hpp"

namespace tenon::cpu::formats {

struct Q5_1 {
  static constexpr sdk::Name dtype{"q5_1"};
  static constexpr int64_t values = 32, bytes = 24;
  static void block(const uint8_t* in, float* out) {
    const float d = half_at(in), m = half_at(in + 2);
    for (int i = 0; i < 32; ++i)
      out[i] = d * static_cast<float>(nibble_at(in + 8, i) | bit_at(in + 4, i) << 4) + m;
  }
};

}  // namespace tenon::cpu::formats
