// Views made dense.
#include "framework/bisect/values.hpp"

#include "framework/placement/abi_graph.hpp"

namespace tenon {

Words dense_words(const Graph& graph, ValueId id, const Words& root, const Extents& extents) {
  const Value& value = graph.values[id];
  if (value.kind != ValueKind::view) return root;
  std::array<std::int64_t, TN_MAX_RANK> size{}, at{};
  for (std::uint32_t a = 0; a < value.shape.rank; ++a)
    size[a] = value.shape.sym[a] != 0 ? extents[value.shape.sym[a]] : value.shape.dim[a];
  Words dense(byte_size(value, extents) / sizeof(std::int32_t));
  for (std::int32_t& word : dense) {
    std::int64_t byte = static_cast<std::int64_t>(value.offset);
    for (std::uint32_t a = 0; a < value.shape.rank; ++a) byte += at[a] * value.stride[a];
    word = root[static_cast<std::size_t>(byte) / sizeof(std::int32_t)];
    for (std::uint32_t a = value.shape.rank; a-- > 0;) {  // the next element, last axis first
      if (++at[a] < size[a]) break;
      at[a] = 0;
    }
  }
  return dense;
}

}  // namespace tenon
