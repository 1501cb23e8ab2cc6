// guarded(): nothing that a callback of a C table throws may leave it.
#pragma once

#include <utility>

namespace tenon {

// What `call` gives, or `otherwise` if it throws, which is for want of memory.
template <class T, class Call>
T guarded(T otherwise, Call&& call) noexcept {
  try {
    return std::forward<Call>(call)();
  } catch (...) {
    return otherwise;
  }
}

}  // namespace tenon
