// How far apart two results of an op may be.
#pragma once

#include <tenon/abi/kernels.h>

#include "framework/graph/graph.hpp"

namespace tenon {

inline constexpr double k_plan_limit = 1e-9;  // of a whole plan against its ops one by one

// The last node of the graph, run by these kernels (nullptr: by a device without a slot). NMSE 1e-4
// where activations are rounded to int8, or may be: quantised weights on a device that does not say.
double gate_of(const Graph& graph, const tn_kernel_desc* b, const tn_kernel_desc* a);

}  // namespace tenon
