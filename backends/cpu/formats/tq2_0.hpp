// tq2_0: 256 values of three levels; 64 bytes of bit pairs, half d: d * (q - 1).
#pragma once

#include <tenon/sdk/kernel.hpp>

#include "fields.hpp"

namespace tenon::cpu::formats {

struct Tq2_0 {
  static constexpr sdk::Name dtype{"tq2_0"};
  static constexpr int64_t values = 256, bytes = 66;
  static void block(const uint8_t* in, float* out) {
    const float d = half_at(in + 64);
    for (int i = 0; i < 256; ++i) out[i] = d * static_cast<float>(pair_at(in, i) - 1);
  }
};

}  // namespace tenon::cpu::formats
