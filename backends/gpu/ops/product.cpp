// Activations are rounded once for all products of a node, then each weight is one dispatch.
#include "backends/gpu/ops/product.hpp"

#include <algorithm>
#include <bit>

#include "backends/gpu/layouts/r16.hpp"

namespace tenon::gpu {
namespace {

constexpr uint32_t k_max_rows = 8;  // of x that a work-group takes
constexpr uint32_t k_group = 32;    // values that are summed as one term

struct Product {
  const tn_tensor &w, &x, &y;
  const WeightType& type;

  uint32_t groups() const { return static_cast<uint32_t>(x.dim[1]) / k_group; }
  bool rounds() const { return type.arithmetic == Arithmetic::int8x16_seg16; }
};

// How the work is cut (product.glsl): never a matter of bits.
struct Cut {
  uint32_t x_rows = 1;  // that a lane takes: NY
  uint32_t tiles = 1;   // a row of each for a lane: NW
  bool whole = false;   // a lane takes whole rows, else a segment
  uint32_t lanes = 256;

  uint32_t group_rows() const { return tiles * (whole ? lanes : 16); }
};

// As much in a lane as leaves enough lanes; a work-group takes no more rows than a range has.
Cut cut(uint64_t w_rows, uint32_t x_rows, const Limits& limits, uint64_t most_rows) {
  Cut best;
  best.x_rows = std::bit_ceil(std::clamp(x_rows, 1u, k_max_rows));
  const uint64_t lanes = w_rows * ceil_quotient(x_rows, best.x_rows);
  best.whole = lanes >= limits.enough_lanes && most_rows >= limits.free_lanes;
  if (!best.whole) return best;
  best.lanes = limits.free_lanes;
  while (best.tiles < limits.most_tiles && lanes / (2 * best.tiles) >= limits.enough_lanes &&
         2 * best.group_rows() <= most_rows)
    best.tiles *= 2;
  return best;
}

// Of a weight that is bound in ranges.
uint64_t rows_of_a_range(const Product& p, uint64_t max_range) {
  const R16 tiles{&p.type, static_cast<uint64_t>(p.w.dim[0]), static_cast<uint64_t>(p.w.dim[1])};
  return tiles.bytes() <= max_range ? UINT64_MAX : max_range / tiles.row_tile_bytes() * R16::k_rows;
}

Dispatch rounding(const tn_tensor& x, uint32_t operand) {
  const auto groups = static_cast<uint32_t>(x.dim[1]) / k_group;
  const auto rows = static_cast<uint32_t>(x.dim[0]);
  Dispatch d;
  d.kernel = "round_rows";
  d.push = {groups, row_words(x), x.sym[0], rows};
  d.buffers = {{.index = operand}, rounded_buffer(operand, x, true)};
  d.groups = {Groups{ceil_quotient(groups, 256)}, groups_over_rows(x, 1)};
  return d;
}

Dispatch multiplication(const NodeView& node, const Product& p, uint32_t number,
                        uint32_t x_operand) {
  const auto rows = static_cast<uint32_t>(p.x.dim[0]);
  const auto w_rows = static_cast<uint32_t>(p.w.dim[0]);
  const Cut c = cut(w_rows, rows, *node.limits, rows_of_a_range(p, node.limits->max_range));
  Dispatch d;
  d.kernel = p.type.matmul;
  d.constants = {c.x_rows, c.tiles, c.whole, c.lanes};
  d.local[0] = c.lanes;
  d.push = {w_rows, p.groups(), row_words(p.y), p.x.sym[0], rows, row_words(p.x)};
  d.buffers = {
      {.index = number}, {.index = x_operand}, {.index = node.n_in + number, .writes = true}};
  if (!p.type.is_float()) d.buffers[1] = rounded_buffer(x_operand, p.x, false);
  d.groups = {Groups{ceil_quotient(w_rows, c.group_rows())}, groups_over_rows(p.x, c.x_rows)};
  d.split = 0;
  d.split_rows = c.group_rows();
  return d;
}

// Three products of one x as one launch, whose work-groups stand side by side (product.glsl).
Dispatch joined(const NodeView& node, const WeightType& type) {
  const tn_tensor& x = *node.in(3);
  uint32_t rows = 0;
  for (uint32_t i = 0; i < 3; ++i) rows += static_cast<uint32_t>(node.in(i)->dim[0]);
  const Cut c = cut(rows, static_cast<uint32_t>(x.dim[0]), *node.limits, rows);
  Dispatch d = multiplication(node, {*node.in(0), x, node.out(0), type}, 0, 3);
  d.kernel = type.joined;
  d.constants = {c.x_rows, c.tiles, c.whole, c.lanes};
  uint32_t groups = 0;
  for (uint32_t i = 0; i < 3; ++i) {
    const auto own_rows = static_cast<uint32_t>(node.in(i)->dim[0]);
    const uint32_t own_groups = ceil_quotient(own_rows, c.group_rows());
    if (i > 0) d.push.insert(d.push.end(), {own_rows, row_words(node.out(i))});
    d.push.push_back(own_groups);
    groups += own_groups;
    if (i > 0) d.buffers.push_back({.index = node.n_in + i, .writes = true});
  }
  for (uint32_t i = 1; i < 3; ++i) d.buffers.push_back({.index = i, .shares = 0});
  d.groups = {Groups{groups}, groups_over_rows(x, c.x_rows)};
  d.split = -1;
  return d;
}

bool can_join(const NodeView& node, uint32_t n_products) {
  const auto same = [&](uint32_t i) { return node.in(i)->dtype == node.in(0)->dtype; };
  return node.near && n_products == 3 && same(1) && same(2);
}

}  // namespace

Buffer rounded_buffer(uint32_t operand, const tn_tensor& t, bool writes) {
  uint64_t values = static_cast<uint64_t>(t.dim[0]);
  for (uint32_t axis = 1; axis < t.rank; ++axis) values *= static_cast<uint64_t>(t.dim[axis]);
  return {operand, Part::rounded, writes, values / k_group * 3 * 16};  // rounded.glsl
}

const WeightType* whole_type(const NodeView& node, const tn_tensor& w) {
  const WeightType* type = find_weight_type(node.dtype(w));
  return type != nullptr && w.dim[1] % type->block_values == 0 ? type : nullptr;
}

tn_status make_products(const NodeView& node, uint32_t n_products, std::vector<Dispatch>& out) {
  const tn_tensor& x = *node.in(n_products);
  if (x.rank != 2) return node.decline("activations must be a matrix");
  if (x.dim[0] > node.limits->max_groups[1]) return node.decline("more rows than a grid may have");
  bool rounded = false;
  for (uint32_t i = 0; i < n_products; ++i) {
    const tn_tensor &w = *node.in(i), &y = node.out(i);
    const WeightType* type = whole_type(node, w);
    if (type == nullptr) return node.decline("rows of weights must be whole blocks of 32 or 256");
    if (y.rank != 2 || w.dim[1] != x.dim[1] || y.dim[1] != w.dim[0] || y.sym[0] != x.sym[0])
      return node.decline("shapes that do not fit");
    const Product product{w, x, y, *type};
    if (product.rounds() && !rounded) out.push_back(rounding(x, n_products));
    rounded = rounded || product.rounds();
    if (!can_join(node, n_products)) out.push_back(multiplication(node, product, i, n_products));
  }
  if (can_join(node, n_products)) out.push_back(joined(node, *whole_type(node, *node.in(0))));
  return TN_OK;
}

}  // namespace tenon::gpu
