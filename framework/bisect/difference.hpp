// Difference: how far the result of one side is from that of the other, and where.
#pragma once

#include <span>

#include "framework/engine/verify/kernel_error.hpp"
#include "framework/include/tenon/bisect.hpp"

namespace tenon {

// Both (rows, width). Beyond the gate is what is further off than ten times the limit of a strip, in
// squares, against the mean square of the reference; where nothing is, the range is everything.
ElementRange elements_beyond(std::span<const float> values, std::span<const float> reference,
                             std::size_t width, double limit);

// Whether `error` is within `limit`, and ten times that in each strip; not a number never is.
bool holds(const KernelError& error, double limit);

}  // namespace tenon
