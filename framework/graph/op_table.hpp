// The table of ops: every op that the host knows, one row each.
#pragma once

#include "framework/graph/op_info.hpp"

namespace tenon {

// Composites come first, from the largest to the smallest, as the fuser tries them.
std::span<const OpInfo> all_ops();
// The row of that name, which lives as long as the program; nullptr if there is none.
const OpInfo* find_op(std::string_view name);

}  // namespace tenon
