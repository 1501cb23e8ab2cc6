// Rows of operands: the last axis is contiguous, the axes before it may have any stride.
#pragma once

#include <cstddef>
#include <tenon/sdk/kernel.hpp>

#include "backends/cpu/formats/half.hpp"

namespace tenon::cpu::reference {

using formats::Bf16;
using formats::Half;
using formats::store;
using formats::to_float;
using sdk::Args;
using sdk::Work;

// Bytes from the start of the tensor to its row `row`, counted over all axes but the last.
inline int64_t row_offset(const Args& args, const tn_tensor& t, int64_t row) {
  int64_t offset = 0;
  for (uint32_t axis = t.rank - 1; axis-- > 0;) {
    const int64_t extent = args.extent(t, axis);
    offset += row % extent * t.stride[axis];
    row /= extent;
  }
  return offset;
}

template <class T>
const T* row_in(const Args& args, unsigned operand, int64_t row) {
  const auto* bytes = args.in<std::byte>(operand) + row_offset(args, args.tensor(operand), row);
  return reinterpret_cast<const T*>(bytes);
}

// Outputs are dense.
template <class T>
T* row_out(const Args& args, int64_t row, unsigned output = 0) {
  return args.out<T>(output) + row * Args::width(args.out_tensor(output));
}

// Work whose items are the rows of the first operand.
inline Work rows_of_first(const Args& args) { return Work().phase(args.rows(0)); }

// Calls body(row) for the items first … last-1.
template <class Body>
void for_rows(uint64_t first, uint64_t last, const Body& body) {
  for (uint64_t row = first; row < last; ++row) body(static_cast<int64_t>(row));
}

}  // namespace tenon::cpu::reference
