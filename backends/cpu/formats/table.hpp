// The one table of weight formats: a new type is one file here and one row below.
#pragma once

#include "bf16.hpp"
#include "f16.hpp"
#include "f32.hpp"
#include "iq4_nl.hpp"
#include "iq4_xs.hpp"
#include "mxfp4.hpp"
#include "q2_k.hpp"
#include "q3_k.hpp"
#include "q4_0.hpp"
#include "q4_1.hpp"
#include "q4_k.hpp"
#include "q5_0.hpp"
#include "q5_1.hpp"
#include "q5_k.hpp"
#include "q6_k.hpp"
#include "q8_0.hpp"
#include "tq2_0.hpp"

namespace tenon::cpu::formats {

template <class... Format>
struct FormatList {};

using Formats = FormatList<  //
    F32,                     //
    F16,                     //
    Bfloat16,                //
    Q4_0,                    //
    Q4_1,                    //
    Q5_0,                    //
    Q5_1,                    //
    Q8_0,                    //
    Q2K,                     //
    Q3K,                     //
    Q4K,                     //
    Q5K,                     //
    Q6K,                     //
    Iq4Nl,                   //
    Iq4Xs,                   //
    Tq2_0,                   //
    Mxfp4>;

// The n values of row `row` of a matrix in one format.
template <class Format>
void row(const uint8_t* matrix, int64_t row, int64_t n, float* out) {
  const int64_t blocks = n / Format::values;
  const uint8_t* in = matrix + row * blocks * Format::bytes;
  for (int64_t b = 0; b < blocks; ++b) {
    Format::block(in + b * Format::bytes, out + b * Format::values);
  }
}

}  // namespace tenon::cpu::formats
