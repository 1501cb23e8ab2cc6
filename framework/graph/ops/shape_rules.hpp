// The shape rules that read more than the shape of the first operand: one file each, named like
// the op.
#pragma once

#include "framework/graph/op_info.hpp"

namespace tenon::ops {

InferResult argmax_shape(const InferArgs& a);
InferResult attention_shape(const InferArgs& a);
InferResult concat_shape(const InferArgs& a);
InferResult kv_write_shape(const InferArgs& a);
InferResult matmul_shape(const InferArgs& a);
InferResult rope_shape(const InferArgs& a);
InferResult rows_by_ids_shape(const InferArgs& a);
InferResult top_k_shape(const InferArgs& a);

}  // namespace tenon::ops
