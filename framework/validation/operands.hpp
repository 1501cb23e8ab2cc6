// Where the operands of a subgraph lie in the buffers of an execution.
#pragma once

#include <tenon/abi/graph.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace tenon::validation {

// Element i of an array whose stride the other side chose.
template <class T>
const T& at_stride(const T* first, std::uint32_t stride, std::uint32_t i) {
  return *reinterpret_cast<const T*>(reinterpret_cast<const char*>(first) +
                                     std::size_t{i} * stride);
}

// What the tensors of a subgraph ask of one binding.
struct BindingNeeds {
  std::uint64_t offsets = 0;  // or-ed: a power of two divides all of them if it divides this
  std::uint64_t size = 0;     // bytes that the buffer has from the binding's offset
  std::uint64_t largest = 0;  // bytes of the largest operand
};

struct Bytes {  // [first, last) of a binding
  std::uint32_t binding;
  std::uint64_t first, last;
  bool meets(const Bytes& other) const {
    return binding == other.binding && first < other.last && other.first < last;
  }
};

// The tensor with its bounds; nothing for weights, states and what has no binding. The indices in
// the subgraph must be sound.
std::optional<Bytes> bytes_of(const tn_subgraph& graph, std::uint32_t tensor);
// One entry per binding of the subgraph.
std::vector<BindingNeeds> needs_of(const tn_subgraph& graph);

}  // namespace tenon::validation
