// q5_0: blocks of 32 values, half d, 32 fifth bits, 16 bytes of nibbles: d * (q - 16).
#pragma once

#include <tenon/sdk/kernel.hpp>

#include "fields.hpp"

namespace tenon::cpu::formats {

struct Q5_0 {
  static constexpr sdk::Name dtype{"q5_0"};
  static constexpr int64_t values = 32, bytes = 22;
  static void block(const uint8_t* in, float* out) {
    const float d = half_at(in);
    for (int i = 0; i < 32; ++i)
      out[i] = d * static_cast<float>((nibble_at(in + 6, i) | bit_at(in + 2, i) << 4) - 16);
  }
};

}  // namespace tenon::cpu::formats
