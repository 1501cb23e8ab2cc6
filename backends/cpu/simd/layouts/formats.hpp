// The block formats of interleaved layouts: their parts (see interleaved.hpp), and their values as
// the reference reads them.
#pragma once

#include "backends/cpu/reference/dequant/q4_1.hpp"
#include "backends/cpu/reference/dequant/q8_0.hpp"

namespace tenon::cpu {

// d, m f16; 32 unsigned nibbles, byte j holds elements j and j+16: value q*d + m.
struct Q4_1 {
  using Reference = reference::dequant::Q4_1;
  static constexpr int64_t k_halves = 2, k_quant_bytes = 16;
};

// d f16; 32 signed bytes: value q*d.
struct Q8_0 {
  using Reference = reference::dequant::Q8_0;
  static constexpr int64_t k_halves = 1, k_quant_bytes = 32;
};

}  // namespace tenon::cpu
