// Reshapes and slices of values.
#include "framework/graph/view.hpp"

namespace tenon {
namespace {

tl::unexpected<Error> bad_view(const Value& src, const std::string& why) {
  return fail(ErrorCode::model, "view of " + to_string(src.shape) + ": " + why);
}

// The extents asked for, with the symbolic one taken over from the source;
// their product is bounded.
Result<Shape> view_shape(const Value& src, std::span<const std::int64_t> dim) {
  Shape shape;
  if (dim.empty() || dim.size() > TN_MAX_RANK) return bad_view(src, "rank must be 1 to 6");
  shape.rank = static_cast<std::uint32_t>(dim.size());
  for (std::size_t a = 0; a < dim.size(); ++a) {
    const bool keeps = a == 0 && dim[a] == -1;
    if (keeps && !src.shape.symbolic()) return bad_view(src, "-1 needs a symbolic extent");
    if (!keeps && (dim[a] <= 0 || dim[a] > k_max_row_elements))
      return bad_view(src, "extent out of range");
    shape.dim[a] = keeps ? 0 : dim[a];
    if (keeps) shape.sym[0] = src.shape.sym[0];
  }
  if (src.shape.symbolic() != shape.symbolic())
    return bad_view(src, "the symbolic extent must be kept");
  if (!within_limit(shape)) return bad_view(src, "too many elements");
  return shape;
}

// Last element that row 0 of the view touches, plus one; -1 on overflow.
std::int64_t reach(const Shape& shape, const std::int64_t* stride, std::int64_t offset) {
  std::int64_t end = offset;
  for (std::uint32_t a = shape.symbolic() ? 1 : 0; a < shape.rank; ++a) {
    std::int64_t step = 0;
    if (stride[a] < 0 || __builtin_mul_overflow(shape.dim[a] - 1, stride[a], &step) ||
        __builtin_add_overflow(end, step, &end))
      return -1;
  }
  return end + 1;
}

}  // namespace

Result<Value> make_view(const Graph& graph, ValueId src_id, std::span<const std::int64_t> dim,
                        const std::int64_t* stride, std::int64_t offset) {
  const Value& src = graph.values[src_id];
  if (src.kind == ValueKind::state) return bad_view(src, "the cache has no views");
  const auto shape = view_shape(src, dim);
  if (!shape) return fail(shape);

  Value view;
  view.kind = ValueKind::view;
  view.dtype = src.dtype;
  view.shape = *shape;
  view.root = graph.root_of(src_id);
  view.offset = src.offset;
  if (stride == nullptr) {
    if (!is_dense(src)) return bad_view(src, "only dense values can be reshaped");
    if (shape->row_elements() != src.shape.row_elements() || offset != 0)
      return bad_view(src, "a reshape to " + to_string(*shape) + " changes the number of elements");
    if (src.dtype->block_elements > 1) return bad_view(src, "quantised rows cannot be reshaped");
    set_dense_strides(view);
    return view;
  }
  const std::int64_t row = src.shape.row_elements(), end = reach(*shape, stride, offset);
  if (offset < 0 || end < 0 || end > row || !is_dense(src))
    return bad_view(src, "the slice leaves its source");
  if (shape->symbolic() && stride[0] != row) return bad_view(src, "rows must keep their distance");
  if (stride[shape->rank - 1] != 1) return bad_view(src, "the last axis must stay contiguous");
  const std::int64_t block = src.dtype->block_elements, width = shape->width();
  const bool whole_rows =
      shape->rank == 2 && width == src.shape.width() && stride[0] == width && offset % width == 0;
  if (block > 1 && !whole_rows) return bad_view(src, "only whole quantised rows can be viewed");
  for (std::uint32_t a = 0; a < shape->rank; ++a)
    view.stride[a] = stride[a] % block == 0 ? row_bytes(*src.dtype, stride[a]) : 0;
  view.offset += static_cast<std::uint64_t>(row_bytes(*src.dtype, offset));
  return view;
}

}  // namespace tenon
