// Views: the same bytes with other extents; bounds are checked here, once.
#pragma once

#include <span>

#include "framework/base/result.hpp"
#include "framework/graph/graph.hpp"

namespace tenon {

// As tn_builder.view: strides and offset in elements, a null stride is a dense reshape, dim[0] = -1
// keeps the symbolic extent of `src`.
Result<Value> make_view(const Graph& graph, ValueId src, std::span<const std::int64_t> dim,
                        const std::int64_t* stride, std::int64_t offset);

}  // namespace tenon
