// Sums per strip of columns, then over the strips.
#include "framework/engine/verify/kernel_error.hpp"

#include <cmath>
#include <vector>

namespace tenon {
namespace {

constexpr std::size_t k_strip = 16;

struct Sums {
  double error = 0, power = 0;
  double ratio() const { return error == 0 ? 0 : error / power; }
  void operator+=(const Sums& other) {
    error += other.error;
    power += other.power;
  }
};

// Not a number is worse than any.
double worse_of(double a, double b) { return std::isnan(a) || a > b ? a : b; }

}  // namespace

void KernelError::keep_the_worse(const KernelError& other) {
  whole = worse_of(whole, other.whole);
  worst_strip = worse_of(worst_strip, other.worst_strip);
}

KernelError kernel_error(std::span<const float> values, std::span<const float> reference,
                         std::size_t width) {
  std::vector<Sums> strips((width + k_strip - 1) / k_strip);
  for (std::size_t i = 0; i < reference.size(); ++i) {
    const double expected = reference[i], difference = double{values[i]} - expected;
    strips[i % width / k_strip] += {difference * difference, expected * expected};
  }
  Sums whole;
  KernelError error;
  for (const Sums& strip : strips) {
    whole += strip;
    error.worst_strip = worse_of(error.worst_strip, strip.ratio());
  }
  error.whole = whole.ratio();
  return error;
}

}  // namespace tenon
