// Shapes, strides and roots of the values of a graph.
#include "framework/graph/graph.hpp"

#include <algorithm>

namespace tenon {

std::int64_t Shape::row_elements() const {
  std::int64_t n = 1;
  for (std::uint32_t a = symbolic() ? 1 : 0; a < rank; ++a) n *= dim[a];
  return n;
}

bool within_limit(const Shape& shape) {
  std::int64_t n = 1;
  for (std::uint32_t a = shape.symbolic() ? 1 : 0; a < shape.rank; ++a)
    if (shape.dim[a] <= 0 || __builtin_mul_overflow(n, shape.dim[a], &n) || n > k_max_row_elements)
      return false;
  return shape.rank > 0 && shape.rank <= TN_MAX_RANK;
}

Shape make_shape(std::initializer_list<std::int64_t> dim, std::uint32_t outer_sym) {
  Shape s;
  for (const std::int64_t d : dim) s.dim[s.rank++] = d;
  s.sym[0] = outer_sym;
  if (outer_sym != TN_SYM_STATIC) s.dim[0] = 0;
  return s;
}

std::string to_string(const Shape& shape) {
  static constexpr std::array<const char*, TN_SYM_COUNT> k_letters = {"?", "T", "O", "S", "E"};
  std::string text = "(";
  for (std::uint32_t a = 0; a < shape.rank; ++a) {
    if (a > 0) text += ", ";
    text += shape.sym[a] != 0 ? k_letters[std::min<std::size_t>(shape.sym[a], TN_SYM_COUNT - 1)]
                              : std::to_string(shape.dim[a]);
  }
  return text + ")";
}

ValueId Graph::root_of(ValueId id) const {
  while (values[id].root != k_no_value) id = values[id].root;
  return id;
}

std::vector<std::vector<std::uint32_t>> Graph::consumers() const {
  std::vector<std::vector<std::uint32_t>> of(values.size());
  for (std::uint32_t n = 0; n < nodes.size(); ++n)
    for (const ValueId v : nodes[n].in)
      if (v != k_no_value && (of[v].empty() || of[v].back() != n)) of[v].push_back(n);
  return of;
}

std::int64_t row_bytes(const DType& dtype, std::int64_t elements) {
  return elements / dtype.block_elements * dtype.block_bytes;
}

void set_dense_strides(Value& value) {
  std::int64_t elements = 1;
  for (std::uint32_t a = value.shape.rank; a-- > 0;) {
    const bool whole_blocks = elements % value.dtype->block_elements == 0;
    value.stride[a] = whole_blocks ? row_bytes(*value.dtype, elements) : 0;
    elements *= value.shape.dim[a];
  }
}

bool is_dense(const Value& value) {
  Value dense = value;
  set_dense_strides(dense);
  return dense.stride == value.stride;
}

}  // namespace tenon
