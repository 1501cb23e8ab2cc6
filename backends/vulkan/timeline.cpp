// Values of a timeline rise, and so do the tickets that signal them.
#include "timeline.hpp"

#include <algorithm>

namespace tenon::vulkan {

uint64_t Timeline::ticket_for(uint64_t wanted) const {
  for (const Pending& p : pending)
    if (p.value >= wanted) return p.ticket;
  return 0;
}

void Timeline::reach(uint64_t reached) {
  value = std::max(value, reached);
  std::erase_if(pending, [&](const Pending& p) { return p.value <= reached; });
}

}  // namespace tenon::vulkan
