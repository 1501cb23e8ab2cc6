// Lookup by name in a vector of named items, through a sorted list of their positions.
//   Sorted rather than hashed: a file cannot craft keys that collide, so the worst case is log n.
#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

namespace tenon {

// Positions of `items` in the order of `item.name`. At most 2^32 items.
template <class Item>
std::vector<std::uint32_t> order_by_name(const std::vector<Item>& items) {
  std::vector<std::uint32_t> order(items.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::sort(order, [&](std::uint32_t a, std::uint32_t b) {
    const int compared = items[a].name.compare(items[b].name);
    return compared != 0 ? compared < 0 : a < b;
  });
  return order;
}

template <class Item>
const Item* find_by_name(const std::vector<Item>& items, const std::vector<std::uint32_t>& order,
                         std::string_view name) {
  const auto at = std::ranges::lower_bound(
      order, name, {}, [&](std::uint32_t i) { return std::string_view(items[i].name); });
  return at != order.end() && items[*at].name == name ? &items[*at] : nullptr;
}

// The later one of two items of the same name, or nullptr.
template <class Item>
const Item* find_duplicate(const std::vector<Item>& items,
                           const std::vector<std::uint32_t>& order) {
  const auto same = [&](std::uint32_t a, std::uint32_t b) {
    return items[a].name == items[b].name;
  };
  const auto at = std::ranges::adjacent_find(order, same);
  return at == order.end() ? nullptr : &items[*(at + 1)];
}

}  // namespace tenon
