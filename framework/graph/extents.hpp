// Extents: the bounds or values of the symbolic dimensions, indexed by TN_SYM_*.
#pragma once

#include <tenon/abi/graph.h>

#include <array>
#include <cstdint>

namespace tenon {

using Extents = std::array<std::int64_t, TN_SYM_COUNT>;

inline Extents make_extents(std::int64_t rows, std::int64_t out_rows, std::int64_t seqs,
                            std::int64_t end) {
  return {1, rows, out_rows, seqs, end};
}

}  // namespace tenon
