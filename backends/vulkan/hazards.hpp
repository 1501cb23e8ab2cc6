// Which accesses must wait for which: a pure function over byte ranges, as arena memory is reused.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace tenon::vulkan {

// Bytes begin .. end-1 of a memory.
struct Access {
  uint64_t memory = 0, begin = 0, end = 0;
  bool writes = false;
};

class Hazards {
 public:
  // Takes the accesses of the next dispatch or copy. True: a barrier must come before it, because one
  // of them meets a write since the last barrier, or writes what was read since.
  bool add(std::span<const Access> accesses);
  // A barrier came for another reason.
  void clear() { open_.clear(); }

 private:
  bool meets(const Access& access) const;

  std::vector<Access> open_;  // since the last barrier
};

}  // namespace tenon::vulkan
