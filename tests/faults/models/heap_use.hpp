// HeapUse: how much memory operator new has handed out at most, in this program and its plugins.
#pragma once

#include <cstddef>

namespace tenon::testing {

class HeapUse {
 public:
  HeapUse();
  std::size_t peak() const;  // over what was in use when this was made

 private:
  std::size_t before_;
};

}  // namespace tenon::testing
