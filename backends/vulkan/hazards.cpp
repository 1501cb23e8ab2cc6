// Between two barriers there are few accesses, so each is compared with each.
#include "hazards.hpp"

#include <algorithm>

namespace tenon::vulkan {

bool Hazards::meets(const Access& access) const {
  return std::any_of(open_.begin(), open_.end(), [&](const Access& earlier) {
    return earlier.memory == access.memory && (earlier.writes || access.writes) &&
           earlier.begin < access.end && access.begin < earlier.end;
  });
}

bool Hazards::add(std::span<const Access> accesses) {
  const bool barrier =
      std::any_of(accesses.begin(), accesses.end(), [&](const Access& a) { return meets(a); });
  if (barrier) open_.clear();
  open_.insert(open_.end(), accesses.begin(), accesses.end());
  return barrier;
}

}  // namespace tenon::vulkan
