// How far a kernel's result is from a reference, as a whole and where it is worst.
#pragma once

#include <cstddef>
#include <span>

namespace tenon {

// Squared error over squared reference (NMSE); not a number if a value is none.
struct KernelError {
  double whole = 0;
  double worst_strip = 0;  // of 16 neighbouring columns, all rows: a single wrong column shows here
  void keep_the_worse(const KernelError& other);
};

// Both are (rows, width), dense, and of one size.
KernelError kernel_error(std::span<const float> values, std::span<const float> reference,
                         std::size_t width);

}  // namespace tenon
