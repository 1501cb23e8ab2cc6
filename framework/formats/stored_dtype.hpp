// The element types that a file may hold, also those that nothing here computes with.
#pragma once

#include "framework/formats/dtype.hpp"

namespace tenon {

// A row for each known number in a GGUF file; find_dtype() knows the names of those that are
// computed with. nullptr for a number that nobody has given out.
const DType* find_stored_dtype(std::uint32_t ggml_type);

}  // namespace tenon
