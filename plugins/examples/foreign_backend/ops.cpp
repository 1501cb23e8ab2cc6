// Simple kernels in f32. Every output is summed in an order that depends on its row only, so that
// it has the same bits whatever else is in the call.
#include "ops.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <tenon/sdk/kernel.hpp>

namespace foreign {

using tenon::sdk::k_names;
using tenon::sdk::same_text;

namespace {

// Sixteen partial sums: value i goes into sum i % 16, so that the compiler may use vectors without
// changing the order, and a row has the same bits from both matmuls.
void add_products(const float* a, const float* b, int64_t n, float* sum) {
  int64_t i = 0;
  for (; i + 16 <= n; i += 16)
    for (int64_t j = 0; j < 16; ++j) sum[j] += a[i + j] * b[i + j];
  for (; i < n; ++i) sum[i % 16] += a[i] * b[i];
}
float total(float* sum) {
  for (int64_t half = 8; half > 0; half /= 2)
    for (int64_t j = 0; j < half; ++j) sum[j] += sum[j + half];
  return sum[0];
}
float dot(const float* a, const float* b, int64_t n) {
  float sum[16] = {};
  add_products(a, b, n, sum);
  return total(sum);
}

int64_t matmul_scratch(const tn_tensor& w) { return k_group_rows * w.dim[1]; }

// Unpacks a group of rows of w, and uses them for every row of x.
void matmul(const Call& c) {
  const View &w = c.in[0], &x = c.in[1];
  const int64_t n_out = w.dim[0], k = w.dim[1], tokens = x.rows();
  for (int64_t first = 0; first < n_out; first += k_group_rows) {
    const int64_t count = std::min(n_out - first, k_group_rows);
    for (int64_t r = 0; r < count; ++r)
      c.weight->unpack_row(c.first_row + first + r, c.scratch + r * k);
    for (int64_t t = 0; t < tokens; ++t)
      for (int64_t r = 0; r < count; ++r)
        c.out.row(t)[first + r] = dot(c.scratch + r * k, x.row(t), k);
  }
}

// One row of x: walks a group of rows of w column by column, without scratch.
void matmul_row(const Call& c) {
  constexpr int64_t k_columns = 32;  // a multiple of every block
  if (!c.weight->grouped()) return matmul(c);
  const View &w = c.in[0], &x = c.in[1];
  const int64_t n_out = w.dim[0], k = w.dim[1];
  if (x.rows() == 0) return;
  for (int64_t group = 0; group * k_group_rows < n_out; ++group) {
    float sums[k_group_rows][16] = {}, values[k_group_rows][k_columns];
    for (int64_t at = 0; at < k; at += k_columns) {
      const int64_t n = std::min(k - at, k_columns);
      c.weight->unpack_group(group, at, n, values[0], k_columns);
      for (int64_t r = 0; r < k_group_rows; ++r) add_products(values[r], x.row(0) + at, n, sums[r]);
    }
    const int64_t first = group * k_group_rows;
    for (int64_t r = 0; r < std::min(n_out - first, k_group_rows); ++r)
      c.out.row(0)[first + r] = total(sums[r]);
  }
}

template <float (*Function)(float, float)>
void pairwise(const Call& c) {
  const bool one_row = (c.features & TN_ELEMENTWISE_BROADCAST) != 0;
  for (int64_t r = 0; r < c.in[0].rows(); ++r) {
    const float *a = c.in[0].row(r), *b = c.in[1].row(one_row ? 0 : r);
    float* y = c.out.row(r);
    for (int64_t i = 0; i < c.in[0].width(); ++i) y[i] = Function(a[i], b[i]);
  }
}
float sum(float a, float b) { return a + b; }
float product(float a, float b) { return a * b; }

void silu(const Call& c) {
  for (int64_t r = 0; r < c.in[0].rows(); ++r)
    for (int64_t i = 0; i < c.in[0].width(); ++i) {
      const float x = c.in[0].row(r)[i];
      c.out.row(r)[i] = x / (1.0f + std::exp(-x));
    }
}

template <bool Scaled>
void rms_norm(const Call& c) {
  const int64_t n = c.in[0].width();
  for (int64_t r = 0; r < c.in[0].rows(); ++r) {
    const float* x = c.in[0].row(r);
    float* y = c.out.row(r);
    const float factor = 1.0f / std::sqrt(dot(x, x, n) / static_cast<float>(n) + c.eps);
    for (int64_t i = 0; i < n; ++i) y[i] = x[i] * factor * (Scaled ? c.in[1].row(0)[i] : 1.0f);
  }
}

constexpr tn_op_decl declare(const char* op, const char* const* in, uint64_t features = 0) {
  return {sizeof(tn_op_decl), 0, op, in, k_names<"f32">, features};
}

constexpr Op matmul_of(const char* const* in) {
  return {declare(TN_OP_MATMUL, in), matmul, matmul_row, matmul_scratch, false, true};
}
constexpr Op simple(const tn_op_decl& decl, void (*run)(const Call&)) {
  return {decl, run, nullptr, nullptr, false, false};
}
constexpr Op norm(const tn_op_decl& decl, void (*run)(const Call&)) {
  return {decl, run, nullptr, nullptr, true, false};
}

constexpr std::array k_ops = {
    matmul_of(k_names<"f32", "f32">),
    matmul_of(k_names<"f16", "f32">),
    matmul_of(k_names<"q4_1", "f32">),
    matmul_of(k_names<"q8_0", "f32">),
    simple(declare(TN_OP_ADD, k_names<"f32", "f32">, TN_ELEMENTWISE_BROADCAST), pairwise<sum>),
    simple(declare(TN_OP_MUL, k_names<"f32", "f32">, TN_ELEMENTWISE_BROADCAST), pairwise<product>),
    simple(declare(TN_OP_SILU, k_names<"f32">), silu),
    norm(declare(TN_OP_RMS_NORM, k_names<"f32">), rms_norm<false>),
    norm(declare(TN_OP_RMS_NORM_MUL, k_names<"f32", "f32">), rms_norm<true>),
};

constexpr auto k_decls = [] {
  std::array<const tn_op_decl*, k_ops.size()> decls{};
  for (size_t i = 0; i < decls.size(); ++i) decls[i] = &k_ops[i].decl;
  return decls;
}();

bool is_plain(const tn_host* host, tn_id layout) {
  return layout == 0 || same_text(host->id_name(host->ctx, layout), TN_LAYOUT_PLAIN);
}

bool takes(const Op& op, const tn_host* host, const tn_node& node, const tn_tensor* const* t) {
  if (!same_text(op.decl.op, host->id_name(host->ctx, node.op)) || node.n_out != 1) return false;
  uint32_t i = 0;
  for (; op.decl.in_dtypes[i] != nullptr; ++i)
    if (i >= node.n_in || t[i] == nullptr ||
        !same_text(op.decl.in_dtypes[i], host->id_name(host->ctx, t[i]->dtype)))
      return false;
  return i == node.n_in && (node.features & ~op.decl.features) == 0;
}

// Rows of f32 are walked as arrays.
const char* unsuitable(const tn_host* host, const tn_tensor& t) {
  if (t.rank == 0 || t.rank > TN_MAX_RANK) return "rank must be 1 to 6";
  for (uint32_t axis = 1; axis < TN_MAX_RANK; ++axis)
    if (t.sym[axis] != TN_SYM_STATIC) return "an inner axis is symbolic";
  if (!is_plain(host, t.layout)) return "plain layout only";
  if (t.stride[t.rank - 1] != 4) return "the last axis must be contiguous";
  uint64_t bytes = 4;
  for (uint32_t a = 0; a < t.rank; ++a)
    if (__builtin_mul_overflow(bytes, static_cast<uint64_t>(t.dim[a]), &bytes)) return "too large";
  return bytes <= k_max_alloc ? nullptr : "an operand is larger than a buffer may be";
}

// A matrix of weights may have any layout of this device, and is as large as it likes.
const char* unsuitable_weight(const tn_host* host, const tn_tensor& w) {
  if (w.rank != 2) return "weights must be matrices";
  if (!is_plain(host, w.layout) && !same_text(host->id_name(host->ctx, w.layout), k_r16))
    return "not a layout of this device";
  const Type* type = find_type(host->id_name(host->ctx, w.dtype));
  const bool fits = static_cast<uint64_t>(type->row_bytes(w.dim[1])) <= k_max_alloc;
  return fits ? nullptr : "a row of weights is larger than a buffer may be";
}

}  // namespace

int64_t View::rows() const {
  int64_t n = 1;
  for (uint32_t a = 0; a + 1 < rank; ++a) n *= dim[a];
  return n;
}

std::byte* View::row_bytes(int64_t row) const {
  std::byte* at = data;
  for (uint32_t a = rank - 1; a-- > 0;) {
    at += row % dim[a] * stride[a];
    row /= dim[a];
  }
  return at;
}

uint32_t declare_ops(const tn_op_decl* const** out) noexcept {
  *out = k_decls.data();
  return static_cast<uint32_t>(k_decls.size());
}

const Op* find_op(const tn_host* host, const tn_node& node, const tn_tensor* const* tensors,
                  const char** why) {
  *why = "not in the table of ops";
  for (const Op& op : k_ops) {
    if (!takes(op, host, node, tensors)) continue;
    *why = nullptr;
    if (tensors[node.n_in] == nullptr) *why = "it has no result";
    for (uint32_t i = 0; i < node.n_in + 1 && *why == nullptr; ++i)
      *why = op.of_weights && i == 0 ? unsuitable_weight(host, *tensors[i])
                                     : unsuitable(host, *tensors[i]);
    return *why == nullptr ? &op : nullptr;
  }
  return nullptr;
}

}  // namespace foreign
