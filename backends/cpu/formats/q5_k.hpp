// q5_K: 256 values in 8 groups; as q4_K, with 32 bytes of fifth bits before the nibbles:
// d * scale * q - dmin * minimum.
#pragma once

#include <tenon/sdk/kernel.hpp>

#include "fields.hpp"
#include "q4_k.hpp"

namespace tenon::cpu::formats {

struct Q5K {
  static constexpr sdk::Name dtype{"q5_K"};
  static constexpr int64_t values = 256, bytes = 176;
  static void block(const uint8_t* in, float* out) {
    const float d = half_at(in), dmin = half_at(in + 2);
    for (int i = 0; i < 256; ++i) {
      const int group = i / 32;
      const auto [scale, minimum] = k_scales(in + 4, group);
      const int low = in[48 + group / 2 * 32 + i % 32] >> group % 2 * 4 & 15;
      const int fifth = in[16 + i % 32] >> group & 1;
      out[i] = d * static_cast<float>(scale) * static_cast<float>(low | fifth << 4) -
               dmin * static_cast<float>(minimum);
    }
  }
};

}  // namespace tenon::cpu::formats
