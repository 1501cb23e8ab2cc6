// iq4_nl: blocks of 32 values, half d, 16 bytes of nibbles that choose from a table: d * table[q].
#pragma once

#include <tenon/sdk/kernel.hpp>

#include "fields.hpp"

namespace tenon::cpu::formats {

// Steps that grow away from zero, as trained weights are spread.
inline constexpr int8_t k_iq4_table[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                           1,    13,   25,  38,  53,  69,  89,  113};

struct Iq4Nl {
  static constexpr sdk::Name dtype{"iq4_nl"};
  static constexpr int64_t values = 32, bytes = 18;
  static void block(const uint8_t* in, float* out) {
    const float d = half_at(in);
    for (int i = 0; i < 32; ++i) out[i] = d * static_cast<float>(k_iq4_table[nibble_at(in + 2, i)]);
  }
};

}  // namespace tenon::cpu::formats
