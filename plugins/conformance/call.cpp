// Building operands: descriptions, guarded copies, packed weights.
#include "call.hpp"

#include "dtypes.hpp"
#include "weight_layout.hpp"

namespace tenon::conformance {
namespace {

constexpr int64_t k_bound_above_extent = 3;   // so that a kernel that reads dim[0] is caught
constexpr std::size_t k_file_alignment = 32;  // what a model file promises about weights

std::vector<int64_t> dense_strides(const Shape& shape) {
  const Dtype& d = dtype(shape.dtype);
  std::vector<int64_t> strides(shape.dims.size());
  int64_t stride = d.values == 1 ? d.bytes : 0;
  for (std::size_t axis = shape.dims.size(); axis-- > 0;) {
    strides[axis] = stride;
    const bool blocks = stride == 0;
    stride = blocks ? shape.dims[axis] / d.values * d.bytes : stride * shape.dims[axis];
  }
  return strides;
}

std::size_t dense_bytes(const Shape& shape) {
  const Dtype& d = dtype(shape.dtype);
  int64_t values = 1;
  for (const int64_t dim : shape.dims) values *= dim;
  return static_cast<std::size_t>(values / d.values * d.bytes);
}

uint64_t tile_bytes(const std::string& dtype_name, uint32_t width) {
  const Dtype& type = dtype(dtype_name);
  const bool scaled = type.values > 1;  // int8 values, then an f16 scale per block of a row
  const auto block = static_cast<uint64_t>(type.values);
  const uint64_t row = scaled ? width + 2 * ((width + block - 1) / block)
                              : width * static_cast<uint64_t>(type.bytes);
  return 64 * row;
}

// Pages of k and of v are equally far apart; a page of other states lies between.
uint64_t page_stride(const std::string& dtype_name, uint32_t heads, uint32_t dk, uint32_t dv) {
  return heads * std::max(tile_bytes(dtype_name, dk), tile_bytes(dtype_name, dv)) + 64;
}

}  // namespace

Cache::Cache(const std::string& dtype_name, uint32_t heads, uint32_t dk, uint32_t dv,
             uint64_t pages)
    : dtype(dtype_name),
      keys(pages * page_stride(dtype_name, heads, dk, dv)),
      values(keys.size()),
      kv{sizeof(tn_cpu_kv),
         heads,
         dk,
         dv,
         pages,
         keys.size() / pages,
         tile_bytes(dtype_name, dk),
         tile_bytes(dtype_name, dv),
         keys.data(),
         values.data()} {}

Call::Call(const KernelCase& kernel_case) : case_(kernel_case) {}

tn_tensor Call::describe(const Shape& shape, uint32_t role, const std::string& layout) {
  tn_tensor t = {};
  t.struct_size = sizeof(t);
  t.role = role;
  t.dtype = case_.pack->host->intern(TN_KIND_DTYPE, shape.dtype);
  t.layout = case_.pack->host->intern(TN_KIND_LAYOUT, layout);
  t.rank = static_cast<uint32_t>(shape.dims.size());
  t.view_of = t.weight = t.state = t.binding = TN_NONE;
  t.consumers = 1;
  const auto strides = shape.strides.empty() ? dense_strides(shape) : shape.strides;
  std::copy(shape.dims.begin(), shape.dims.end(), t.dim);
  std::copy(strides.begin(), strides.end(), t.stride);
  if (shape.sym != TN_SYM_STATIC) {
    t.sym[0] = shape.sym;
    t.dim[0] += k_bound_above_extent;
    syms_[shape.sym] = shape.dims[0];
  }
  return t;
}

Call& Call::in_bytes(const Shape& shape, std::span<const uint8_t> bytes) {
  Operand& operand = operands_.emplace_back();
  ++n_in_;
  operand.tensor = describe(shape, TN_ROLE_INPUT, TN_LAYOUT_PLAIN);
  operand.buffer.emplace(bytes.size(), Guard::nan);
  operand.before.assign(bytes.begin(), bytes.end());
  std::copy(bytes.begin(), bytes.end(), operand.buffer->data());
  return *this;
}

Call& Call::weight(const Shape& shape, const std::vector<uint8_t>& plain) {
  Operand& operand = operands_.emplace_back();
  ++n_in_;
  const tn_layout_desc* layout = case_.layout_desc(shape.dtype);
  operand.tensor = describe(shape, TN_ROLE_WEIGHT, layout ? layout->id : TN_LAYOUT_PLAIN);
  operand.tensor->weight = n_in_ - 1;
  if (layout != nullptr) {
    PackedWeight packed = pack_weight(*layout, *operand.tensor, plain);
    operand.buffer = std::move(packed.bytes);
    setup_fault_ += packed.fault;
  } else {
    operand.buffer.emplace(plain.size(), Guard::nan, 64, k_file_alignment);
    std::copy(plain.begin(), plain.end(), operand.buffer->data());
  }
  const uint8_t* stored = operand.buffer->data();
  operand.before.assign(stored, stored + operand.buffer->size());
  return *this;
}

Call& Call::absent() {
  operands_.emplace_back();
  ++n_in_;
  return *this;
}

Call& Call::state(Cache& cache) {
  Operand& operand = operands_.emplace_back();
  ++n_in_;
  operand.cache = &cache;
  const Shape shape{cache.dtype, {cache.kv.n_kv_heads, cache.kv.dk, cache.kv.dv}};
  operand.tensor = describe(shape, TN_ROLE_STATE, TN_LAYOUT_PLAIN);
  operand.tensor->state = 0;
  return *this;
}

Call::Operand& Call::add_output() {
  ++n_out_;
  return operands_.emplace_back();
}

Call& Call::out(const Shape& shape) {
  Operand& operand = add_output();
  operand.tensor = describe(shape, TN_ROLE_OUTPUT, TN_LAYOUT_PLAIN);
  operand.buffer.emplace(dense_bytes(shape));
  return *this;
}

Call& Call::out_state(Cache& cache) {
  Operand& operand = add_output();
  operand.cache = &cache;
  const Shape shape{cache.dtype, {cache.kv.n_kv_heads, cache.kv.dk, cache.kv.dv}};
  operand.tensor = describe(shape, TN_ROLE_STATE, TN_LAYOUT_PLAIN);
  operand.tensor->state = 0;
  return *this;
}

Call& Call::sym(uint32_t which, int64_t extent) {
  syms_[which] = extent;
  return *this;
}

Call& Call::features(uint64_t bits) {
  features_ = bits;
  return *this;
}

}  // namespace tenon::conformance
