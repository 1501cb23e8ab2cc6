// The block formats of interleaved layouts: their parts (see interleaved.hpp), and their values as
// the reference reads them.
#pragma once

#include "backends/cpu/formats/q4_1.hpp"
#include "backends/cpu/formats/q8_0.hpp"

namespace tenon::cpu::matmul {

// d, m f16; 32 unsigned nibbles, byte j holds elements j and j+16: value q*d + m.
struct Q4_1 {
  using Plain = formats::Q4_1;
  static constexpr int64_t k_halves = 2, k_quant_bytes = 16;
};

// d f16; 32 signed bytes: value q*d.
struct Q8_0 {
  using Plain = formats::Q8_0;
  static constexpr int64_t k_halves = 1, k_quant_bytes = 32;
};

}  // namespace tenon::cpu::matmul
