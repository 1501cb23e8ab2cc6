// The product of one row of weights and one row of activations, with the bits that every GPU kernel
// gives: `f32.seg16` and `f16.seg16` (activations as they are), `int8x16.seg16` (rounded per 16).
#pragma once

#include "backends/gpu/layouts/weight_type.hpp"
#include "backends/gpu/mirror/rounded.hpp"

namespace tenon::gpu::mirror {

// `row`: the plain blocks of the weights; width: a multiple of the block.
float product_float(const WeightType& type, const uint8_t* row, const float* x, uint64_t width);
float product_int8(const WeightType& type, const uint8_t* row, const std::vector<RoundedGroup>& x);

// A row of a table of weights, widened (tn.embed_rows).
void widen(const WeightType& type, const uint8_t* row, uint64_t width, float* values);

}  // namespace tenon::gpu::mirror
