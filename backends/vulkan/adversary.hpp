// Recordings in an order that shows missing barriers: software devices run dispatches one after
// another, so that a dispatch which does not wait for what it needs finds it there all the same, unless
// it is recorded first. Asked for by the environment when a backend is created:
// …_ORDER=reverse|shuffle[:FIRST[-LAST]]  the dispatches of the groups FIRST to LAST of each recording
//                                         (all, if none is named) are recorded backwards or shuffled
// …_DROP_BARRIER=N                        the barrier before group N is forgotten, and so N joins N-1
// What either asks for is logged with the names of the nodes.
#pragma once

#include <string>

#include "groups.hpp"

namespace tenon::vulkan {

class Adversary {
 public:
  explicit Adversary(const std::string& prefix);
  // `order` and `drop` are the values of the two variables; what is not understood asks for nothing.
  Adversary(const std::string& order, const std::string& drop);

  bool active() const { return way_ != Way::as_planned || drop_ != 0; }
  void arrange(Groups& groups) const;
  // One line for each group that is arranged, and for one whose barrier was dropped.
  std::string describe(const Groups& arranged, std::span<const std::string> names) const;

 private:
  enum class Way : uint8_t { as_planned, reverse, shuffle };
  bool arranges(size_t group) const { return group >= first_ && group <= last_; }

  Way way_ = Way::as_planned;
  size_t first_ = 0, last_ = SIZE_MAX;
  size_t drop_ = 0;  // 0: none; no barrier stands before the first group
};

}  // namespace tenon::vulkan
