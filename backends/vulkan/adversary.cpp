// Members of a group do not depend on each other, so that any order of them must do.
#include "adversary.hpp"

#include <algorithm>
#include <cstdlib>
#include <random>

namespace tenon::vulkan {
namespace {

std::string variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value != nullptr ? value : "";
}

size_t number(const std::string& text) { return std::strtoull(text.c_str(), nullptr, 10); }

}  // namespace

Adversary::Adversary(const std::string& prefix)
    : Adversary(variable(prefix + "_ORDER"), variable(prefix + "_DROP_BARRIER")) {}

Adversary::Adversary(const std::string& order, const std::string& drop) : drop_(number(drop)) {
  const size_t colon = order.find(':');
  const std::string way = order.substr(0, colon);
  if (way == "reverse") way_ = Way::reverse;
  if (way == "shuffle") way_ = Way::shuffle;
  if (colon == std::string::npos) return;
  const std::string range = order.substr(colon + 1);
  const size_t dash = range.find('-');
  first_ = number(range);
  last_ = dash == std::string::npos ? first_ : number(range.substr(dash + 1));
}

void Adversary::arrange(Groups& groups) const {
  if (drop_ != 0 && drop_ < groups.size()) {
    const auto dropped = groups.begin() + static_cast<std::ptrdiff_t>(drop_);
    std::vector<uint32_t>& before = *std::prev(dropped);
    before.insert(before.end(), dropped->begin(), dropped->end());
    groups.erase(dropped);
  }
  std::mt19937 any(1);  // the same every time
  for (size_t g = 0; g < groups.size(); ++g) {
    if (way_ == Way::as_planned || !arranges(g)) continue;
    if (way_ == Way::reverse)
      std::reverse(groups[g].begin(), groups[g].end());
    else
      std::shuffle(groups[g].begin(), groups[g].end(), any);
  }
}

std::string Adversary::describe(const Groups& arranged, std::span<const std::string> names) const {
  std::string text;
  for (size_t g = 0; g < arranged.size(); ++g) {
    const bool dropped = drop_ != 0 && g + 1 == drop_;
    if (!dropped && (way_ == Way::as_planned || !arranges(g))) continue;
    text += (text.empty() ? "group " : "\ngroup ") + std::to_string(g) + " of " +
            std::to_string(arranged.size()) + (dropped ? ", which lost a barrier:" : ":");
    for (const uint32_t i : arranged[g]) text += " " + names[i];
  }
  return text;
}

}  // namespace tenon::vulkan
