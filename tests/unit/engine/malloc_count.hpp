// Counts every allocation of this process, in the program and in the plugins it loads.
#pragma once

#include <cstddef>

namespace tenon::testing {

// Calls of malloc and its relatives, on any thread. operator new calls malloc.
std::size_t malloc_count();

}  // namespace tenon::testing
