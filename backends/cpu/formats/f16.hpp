// f16 weights.
#pragma once

#include <tenon/sdk/kernel.hpp>

#include "fields.hpp"

namespace tenon::cpu::formats {

struct F16 {
  static constexpr sdk::Name dtype{"f16"};
  static constexpr int64_t values = 1, bytes = 2;
  static void block(const uint8_t* in, float* out) { *out = half_at(in); }
};

}  // namespace tenon::cpu::formats
