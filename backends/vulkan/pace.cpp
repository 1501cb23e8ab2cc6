// What was measured once may have been the host's delay; the least of two is believed.
#include "pace.hpp"

#include <algorithm>

namespace tenon::vulkan {
namespace {

constexpr uint32_t k_first_groups = 16;  // of a part that was not measured
constexpr uint64_t k_long_ns = 50'000'000, k_joined_ns = 25'000'000;
constexpr uint32_t k_believed = 2;

}  // namespace

std::vector<uint32_t> Pace::begins(uint32_t n_groups) {
  if (parts_.empty()) {
    n_groups_ = n_groups;
    for (uint32_t begin = 0; begin < std::max(n_groups, 1u); begin += k_first_groups)
      parts_.push_back({begin});
  }
  std::vector<uint32_t> begins;
  for (const Part& part : parts_)
    if (part.begin == 0 || part.begin < n_groups) begins.push_back(part.begin);
  return begins;
}

void Pace::took(uint32_t part, uint64_t ns) {
  if (part >= parts_.size()) return;
  parts_[part].ns = std::min(parts_[part].ns, ns);
  ++parts_[part].times;
}

bool Pace::adapt() {
  const auto is_known = [](const Part& p) { return p.times >= k_believed; };
  if (!idle() || parts_.empty() || !std::all_of(parts_.begin(), parts_.end(), is_known))
    return false;
  std::vector<Part> next;
  bool changed = false;
  for (size_t i = 0; i < parts_.size(); ++i) {
    const Part& part = parts_[i];
    const uint32_t end = i + 1 < parts_.size() ? parts_[i + 1].begin : n_groups_;
    const bool joins = !next.empty() && next.back().ns + part.ns <= k_joined_ns;
    const bool halves = part.ns > k_long_ns && end - part.begin > 1;
    if (joins)
      next.back().ns += part.ns;
    else
      next.push_back(part);
    if (halves) next.push_back({part.begin + (end - part.begin) / 2, part.ns});
    changed = changed || joins || halves;
  }
  if (!changed) return false;
  parts_.clear();
  for (const Part& part : next) parts_.push_back({part.begin});
  return true;
}

}  // namespace tenon::vulkan
