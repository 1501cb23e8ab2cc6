// Graph: values and nodes in execution order, with symbolic extents; built once per model.
#pragma once

#include <tenon/abi/graph.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "framework/base/results.hpp"
#include "framework/formats/dtype.hpp"

namespace tenon {

struct OpInfo;

using ValueId = std::uint32_t;
inline constexpr ValueId k_no_value = TN_NONE;

// dim[0] is outermost. A symbolic extent has sym != 0 and dim 0: it is bound per variant and step.
struct Shape {
  std::array<std::int64_t, TN_MAX_RANK> dim{};
  std::array<std::uint32_t, TN_MAX_RANK> sym{};
  std::uint32_t rank = 0;

  bool operator==(const Shape&) const = default;
  bool symbolic() const { return rank > 0 && sym[0] != TN_SYM_STATIC; }
  std::int64_t width() const { return dim[rank - 1]; }
  // Elements of one slice along dim[0]; all elements for a static shape of rank 0.
  std::int64_t row_elements() const;
};

// Rows of more elements than this are refused, so that sizes in bytes cannot overflow.
inline constexpr std::int64_t k_max_row_elements = std::int64_t{1} << 40;
// Whether all extents are positive (the symbolic one aside) and a row is not too long.
bool within_limit(const Shape& shape);

Shape make_shape(std::initializer_list<std::int64_t> dim, std::uint32_t outer_sym = TN_SYM_STATIC);
std::string to_string(const Shape& shape);  // "(T, 9, 64)"

enum class ValueKind : std::uint8_t { input, weight, state, computed, view };

struct Value {
  ValueKind kind = ValueKind::computed;
  const DType* dtype = nullptr;
  Shape shape;
  std::array<std::int64_t, TN_MAX_RANK>
      stride{};                   // bytes; for quantised rows only stride[0] counts
  ValueId root = k_no_value;      // views: whose bytes these are
  std::uint64_t offset = 0;       // views: bytes from the start of the root
  std::uint32_t layer = TN_NONE;  // state: its id
  std::uint32_t group = 0;        // state: of those whose rows live equally long
  std::string name;               // role of an input, name of a weight
};

struct Node {
  const OpInfo* op = nullptr;
  std::vector<ValueId> in, out;
  std::uint64_t features = 0;
  std::vector<std::byte> params;
  std::uint32_t layer = TN_NONE;
  std::string name;
  std::optional<Results> only_for = {};  // of the tail: a step for other results leaves it out
};

struct Graph {
  std::vector<Value> values;
  std::vector<Node> nodes;
  std::map<std::string, ValueId> inputs, outputs;

  // The value whose bytes `id` names: itself unless it is a view or a later state.
  ValueId root_of(ValueId id) const;
  std::vector<std::vector<std::uint32_t>> consumers() const;  // node indices per value
};

// Bytes of one row (dim[0] slice) of dense data; block types need whole blocks.
std::int64_t row_bytes(const DType& dtype, std::int64_t elements);
void set_dense_strides(Value& value);
bool is_dense(const Value& value);

}  // namespace tenon
