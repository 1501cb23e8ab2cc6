// Partial sorting and softmax over candidates.
#include "framework/sampling/candidates.hpp"

#include <algorithm>
#include <cmath>

namespace tenon {

void Candidates::sort_front(std::size_t n) {
  n = std::min(n, items.size());
  if (n <= sorted) return;
  const auto from = items.begin() + static_cast<std::ptrdiff_t>(sorted);
  const auto middle = items.begin() + static_cast<std::ptrdiff_t>(n);
  if (middle != items.end()) std::nth_element(from, middle, items.end(), BetterCandidate());
  std::sort(from, middle, BetterCandidate());
  sorted = n;
}

float Candidates::max_logit() {
  sort_front(1);
  return items.front().logit;
}

double Candidates::softmax_weights() {
  const double max = max_logit();
  double sum = 0;
  for (std::size_t i = 0; i < items.size(); ++i)
    sum += weights[i] = std::exp(static_cast<double>(items[i].logit) - max);
  return sum;
}

}  // namespace tenon
