// q8_0: blocks of 32 values, half d, 32 signed bytes: d * q.
#pragma once

#include <tenon/sdk/kernel.hpp>

#include "fields.hpp"

namespace tenon::cpu::formats {

struct Q8_0 {
  static constexpr sdk::Name dtype{"q8_0"};
  static constexpr int64_t values = 32, bytes = 34;
  static void block(const uint8_t* in, float* out) {
    const float d = half_at(in);
    for (int i = 0; i < 32; ++i) out[i] = d * static_cast<float>(static_cast<int8_t>(in[2 + i]));
  }
};

}  // namespace tenon::cpu::formats
