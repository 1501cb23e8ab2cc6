// Of each memory it is known which bytes were touched in which group. What a write covers is forgotten:
// whoever meets it meets the write too, which is in a later group.
#include "groups.hpp"

#include <algorithm>
#include <map>

namespace tenon::vulkan {
namespace {

struct Touched {
  Access access;
  size_t group;
};

bool meet(const Access& a, const Access& b) {
  return (a.writes || b.writes) && a.begin < b.end && b.begin < a.end;
}

bool covers(const Access& write, const Access& other) {
  return write.writes && write.begin <= other.begin && other.end <= write.end;
}

}  // namespace

Groups group(std::span<const std::vector<Access>> dispatches) {
  Groups groups;
  std::map<uint64_t, std::vector<Touched>> memories;
  for (uint32_t i = 0; i < dispatches.size(); ++i) {
    size_t first = 0;
    for (const Access& access : dispatches[i])
      for (const Touched& earlier : memories[access.memory])
        if (meet(access, earlier.access)) first = std::max(first, earlier.group + 1);
    for (const Access& access : dispatches[i]) {
      std::vector<Touched>& touched = memories[access.memory];
      std::erase_if(touched, [&](const Touched& t) { return covers(access, t.access); });
      touched.push_back({access, first});
    }
    if (first == groups.size()) groups.emplace_back();
    groups[first].push_back(i);
  }
  return groups;
}

}  // namespace tenon::vulkan
