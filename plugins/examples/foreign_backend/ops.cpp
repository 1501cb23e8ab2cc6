// Simple kernels in f32. Every output is summed in an order that depends on its row only, so that
// it has the same bits whatever else is in the call.
#include "ops.hpp"

#include <array>
#include <cmath>
#include <tenon/sdk/kernel.hpp>

namespace foreign {

using tenon::sdk::k_names;
using tenon::sdk::same_text;

namespace {

constexpr int64_t k_weight_rows = 8;  // unpacked together, so that they share the reads of x

// Sixteen partial sums: the compiler may use vectors without changing the order.
float dot(const float* a, const float* b, int64_t n) {
  float sum[16] = {};
  int64_t i = 0;
  for (; i + 16 <= n; i += 16)
    for (int64_t j = 0; j < 16; ++j) sum[j] += a[i + j] * b[i + j];
  for (; i < n; ++i) sum[i % 16] += a[i] * b[i];
  for (int64_t half = 8; half > 0; half /= 2)
    for (int64_t j = 0; j < half; ++j) sum[j] += sum[j + half];
  return sum[0];
}

int64_t matmul_scratch(const tn_tensor& w) { return k_weight_rows * w.dim[1]; }

void matmul(const Call& c) {
  const View &w = c.in[0], &x = c.in[1];
  const int64_t n_out = w.dim[0], k = w.dim[1], tokens = x.rows();
  for (int64_t first = 0; first < n_out; first += k_weight_rows) {
    const int64_t count = n_out - first < k_weight_rows ? n_out - first : k_weight_rows;
    for (int64_t r = 0; r < count; ++r)
      c.weight_type->unpack_row(w.row_bytes(first + r), k, c.scratch + r * k);
    for (int64_t t = 0; t < tokens; ++t)
      for (int64_t r = 0; r < count; ++r)
        c.out.row(t)[first + r] = dot(c.scratch + r * k, x.row(t), k);
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

constexpr std::array k_ops = {
    Op{declare(TN_OP_MATMUL, k_names<"f32", "f32">), matmul, matmul_scratch, false},
    Op{declare(TN_OP_MATMUL, k_names<"f16", "f32">), matmul, matmul_scratch, false},
    Op{declare(TN_OP_MATMUL, k_names<"q4_1", "f32">), matmul, matmul_scratch, false},
    Op{declare(TN_OP_MATMUL, k_names<"q8_0", "f32">), matmul, matmul_scratch, false},
    Op{declare(TN_OP_ADD, k_names<"f32", "f32">, TN_ELEMENTWISE_BROADCAST), pairwise<sum>, nullptr,
       false},
    Op{declare(TN_OP_MUL, k_names<"f32", "f32">, TN_ELEMENTWISE_BROADCAST), pairwise<product>,
       nullptr, false},
    Op{declare(TN_OP_SILU, k_names<"f32">), silu, nullptr, false},
    Op{declare(TN_OP_RMS_NORM, k_names<"f32">), rms_norm<false>, nullptr, true},
    Op{declare(TN_OP_RMS_NORM_MUL, k_names<"f32", "f32">), rms_norm<true>, nullptr, true},
};

constexpr auto k_decls = [] {
  std::array<const tn_op_decl*, k_ops.size()> decls{};
  for (size_t i = 0; i < decls.size(); ++i) decls[i] = &k_ops[i].decl;
  return decls;
}();

bool takes(const Op& op, const tn_host* host, const tn_node& node, const tn_tensor* const* t) {
  if (!same_text(op.decl.op, host->id_name(host->ctx, node.op)) || node.n_out != 1) return false;
  uint32_t i = 0;
  for (; op.decl.in_dtypes[i] != nullptr; ++i)
    if (i >= node.n_in || t[i] == nullptr ||
        !same_text(op.decl.in_dtypes[i], host->id_name(host->ctx, t[i]->dtype)))
      return false;
  return i == node.n_in && (node.features & ~op.decl.features) == 0;
}

// Rows of f32 are walked as arrays; rows of other types are unpacked from their first byte.
const char* unsuitable(const tn_host* host, const tn_tensor& t) {
  if (t.rank == 0 || t.rank > TN_MAX_RANK) return "rank must be 1 to 6";
  if (!same_text(host->id_name(host->ctx, t.layout), TN_LAYOUT_PLAIN)) return "plain layout only";
  const bool f32 = same_text(host->id_name(host->ctx, t.dtype), "f32");
  if (f32 && t.stride[t.rank - 1] != 4) return "the last axis must be contiguous";
  return nullptr;
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
    for (uint32_t i = 0; i < node.n_in + 1 && *why == nullptr; ++i)
      *why = unsuitable(host, *tensors[i]);
    return *why == nullptr ? &op : nullptr;
  }
  return nullptr;
}

}  // namespace foreign
