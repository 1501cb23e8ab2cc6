// HeapUse: how much memory operator new has handed out at most, in this program and its plugins.
#pragma once

#include <cstddef>

#include "framework/base/sanitizer.h"

namespace tenon::testing {

class HeapUse {
 public:
  HeapUse();
  std::size_t peak() const;  // over what was in use when this was made

 private:
  std::size_t before_;
};

#if !defined(TENON_ASAN) && !defined(TENON_TSAN)
#define TENON_TEST_CAN_FAIL_NEW  // a sanitizer's allocator cannot be made to fail
#endif

// While it lives, operator new of this thread fails.
class NoMemory {
 public:
  NoMemory();
  ~NoMemory();
  NoMemory(const NoMemory&) = delete;
  NoMemory& operator=(const NoMemory&) = delete;
};

}  // namespace tenon::testing
