// raised(): reading a flag that another thread or a signal handler may set.
#pragma once

#include <cstdint>

namespace tenon {

// Whether a cancel flag is set; nullptr is a flag that never is. A relaxed atomic read.
inline bool raised(const std::uint32_t* flag) {
  return flag != nullptr && __atomic_load_n(flag, __ATOMIC_RELAXED) != 0;
}

}  // namespace tenon
