// bf16 weights.
#pragma once

#include <tenon/sdk/kernel.hpp>

#include "fields.hpp"

namespace tenon::cpu::formats {

struct Bfloat16 {
  static constexpr sdk::Name dtype{"bf16"};
  static constexpr int64_t values = 1, bytes = 2;
  static void block(const uint8_t* in, float* out) {
    *out = to_float(static_cast<Bf16>(in[0] | in[1] << 8));
  }
};

}  // namespace tenon::cpu::formats
