// f32 weights.
#pragma once

#include <cstring>
#include <tenon/sdk/kernel.hpp>

namespace tenon::cpu::formats {

struct F32 {
  static constexpr sdk::Name dtype{"f32"};
  static constexpr int64_t values = 1, bytes = 4;
  static void block(const uint8_t* in, float* out) { std::memcpy(out, in, sizeof(float)); }
};

}  // namespace tenon::cpu::formats
