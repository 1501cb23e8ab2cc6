// mxfp4: blocks of 32 values, one byte e, 16 bytes of 4-bit floats: 2^(e - 127) * float.
#pragma once

#include <bit>
#include <tenon/sdk/kernel.hpp>

#include "fields.hpp"

namespace tenon::cpu::formats {

struct Mxfp4 {
  static constexpr sdk::Name dtype{"mxfp4"};
  static constexpr int64_t values = 32, bytes = 17;
  static void block(const uint8_t* in, float* out) {
    const float step = half_power(in[0]);
    for (int i = 0; i < 32; ++i)
      out[i] = step * static_cast<float>(k_doubled[nibble_at(in + 1, i)]);
  }

  // The 4-bit floats (a sign, two bits of exponent, one of fraction), times two to be whole.
  static constexpr int8_t k_doubled[16] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

  // 2^(e - 128), subnormal below e = 2.
  static float half_power(uint32_t e) {
    return std::bit_cast<float>(e < 2 ? 0x00200000u << e : (e - 1) << 23);
  }
};

}  // namespace tenon::cpu::formats
