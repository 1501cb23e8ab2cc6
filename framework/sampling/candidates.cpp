// Softmax over candidates.
#include "framework/sampling/candidates.hpp"

#include <algorithm>
#include <cmath>

namespace tenon {

float Candidates::max_logit() const {
  float max = items.front().logit;
  for (const ScoredToken& x : items) max = std::max(max, x.logit);
  return max;
}

double Candidates::weigh() {
  if (weighed > 0) return weighed;
  double sum = 0;
  for (std::size_t i = 0; i < items.size(); ++i)
    sum += weights[i] =
        std::exp(static_cast<double>(items[i].logit) - static_cast<double>(reference));
  return weighed = sum;
}

Whole Candidates::measure() {
  Whole found{weigh(), 0};
  if (whole.weight > 0) return whole;
  for (std::size_t i = 0; i < items.size(); ++i)
    if (weights[i] > 0)  // a banned token is infinitely far, and weighs nothing
      found.expected_logit += weights[i] / found.weight * static_cast<double>(items[i].logit);
  return found;
}

void Candidates::shorten(std::size_t n) {
  items = items.first(std::max<std::size_t>(n, 1));
  whole = {};
  weighed = 0;
}

}  // namespace tenon
