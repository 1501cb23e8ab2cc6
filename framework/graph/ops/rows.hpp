// The rows of the op table, one file each.
#pragma once

#include "framework/graph/op_info.hpp"

namespace tenon::ops {

extern const OpInfo k_add, k_mul, k_scale, k_rms_norm, k_layer_norm, k_softmax, k_silu, k_gelu_tanh,
    k_gelu_erf, k_cast, k_copy, k_embed_rows, k_matmul, k_rope, k_concat, k_row_gather, k_argmax,
    k_kv_write, k_attention, k_rms_norm_mul, k_add_rms_norm, k_swiglu, k_geglu, k_qkv_proj;

}  // namespace tenon::ops
