// Counts calls of operator new in this test program.
#pragma once

#include <cstddef>

namespace tenon {

std::size_t allocation_count();

}  // namespace tenon
