// tn.top_k: everything sorted.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

namespace tenon::oracle {

struct Top {
  std::vector<int32_t> ids;
  std::vector<float> values;
};

// One row; `listed` may be empty.
inline Top top_k(std::span<const float> x, std::size_t k, std::span<const int32_t> listed) {
  const std::size_t width = k + listed.size();
  Top top{std::vector<int32_t>(width, -1), std::vector<float>(width, 0.0f)};
  for (const float v : x)
    if (!std::isfinite(v)) return top;
  std::vector<int32_t> order;
  while (order.size() < x.size()) order.push_back(static_cast<int32_t>(order.size()));
  const auto at = [&](int32_t id) { return x[static_cast<std::size_t>(id)]; };
  std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) { return at(a) > at(b); });
  for (std::size_t i = 0; i < width; ++i) {
    const int32_t id = i < k ? order[i] : listed[i - k];
    if (id < 0 || static_cast<std::size_t>(id) >= x.size()) continue;
    top.ids[i] = id;
    top.values[i] = at(id);
  }
  return top;
}

}  // namespace tenon::oracle
