// Verification: the bound kernels, each once, against the reference on a node's own weights.
#pragma once

#include <string>
#include <vector>

#include "framework/engine/load/model.hpp"
#include "framework/engine/verify/kernel_error.hpp"
#include "framework/execution/shape_bucket.hpp"

namespace tenon {

// Activations rounded per 16 cost about 2e-5.
inline constexpr double k_int8_limit = 1e-4, k_float_limit = 1e-6;
// The NMSE that a kernel may have, by its arithmetic.
double kernel_limit(const tn_kernel_desc& kernel);

struct KernelCheck {
  std::string kernel, node;
  KernelError error;
  double limit = 0;  // of the whole
  double strip_limit() const { return 10 * limit; }
  bool holds() const {  // not a number: no
    return error.whole <= limit && error.worst_strip <= strip_limit();
  }
};

// Runs every kernel of the buckets on the first node that uses it, with its real weights in the
// bound layout and up to eight rows of random inputs, and compares with the candidate of the lowest score
// on plain weights. Kernels of the pack with the lowest score are the reference; kernels that
// cannot be compared (those of the cache) are left out with a warning in the log. Limits: NMSE 1e-4
// where activations are rounded to int8, else 1e-6, and ten times that in any 16 columns.
// Errors: ErrorCode::gate for the first kernel that does not hold.
Result<std::vector<KernelCheck>> verify_kernels(const GraphContext& context,
                                                std::span<const ShapeBucket> buckets,
                                                const KernelSources& sources, const Model& model);

}  // namespace tenon
