// How a device of these backends stores a weight: in tiles, or as it lies in the file.
#pragma once

#include <tenon/abi/graph.h>

#include <optional>

#include "backends/gpu/layouts/r16.hpp"

namespace tenon::gpu {

// The name of the layout that a weight is asked to be stored in.
const char* layout_of(const tn_host* host, const tn_tensor& t);

// The tiles of a weight that is stored in k_weight_layout; nothing: it is not.
std::optional<R16> r16_of(const tn_host* host, const tn_tensor& t);

}  // namespace tenon::gpu
