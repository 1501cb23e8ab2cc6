// Rows of the support matrix, for the files of the ops.
#pragma once

#include <tenon/abi/ops.h>

#include <tenon/sdk/kernel.hpp>

#include "backends/gpu/ops.hpp"

namespace tenon::gpu {

using sdk::k_names;

constexpr tn_op_decl declare(const char* op, const char* const* in,
                             const char* const* out = k_names<"f32">, uint64_t features = 0) {
  return {sizeof(tn_op_decl), 0, op, in, out, features, nullptr};
}
constexpr tn_op_decl unary(const char* op) { return declare(op, k_names<"f32">); }
constexpr tn_op_decl binary(const char* op, uint64_t features = 0) {
  return declare(op, k_names<"f32", "f32">, k_names<"f32">, features);
}

}  // namespace tenon::gpu
