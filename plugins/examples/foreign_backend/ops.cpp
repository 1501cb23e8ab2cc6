// The support matrix: a row per op and types, with the kernels and what they need.
#include "ops.hpp"

#include <array>
#include <tenon/sdk/kernel.hpp>

namespace foreign {

using tenon::sdk::k_names;
using tenon::sdk::same_text;

namespace {

constexpr tn_op_decl declare(const char* op, const char* const* in, uint64_t features = 0,
                             const char* const* out = k_names<"f32">,
                             const char* arithmetic = nullptr) {
  return {sizeof(tn_op_decl), 0, op, in, out, features, arithmetic};
}

template <class P>
void params(const tn_node& node, Call& call) {
  const P own = tenon::sdk::params<P>(node);
  std::memcpy(call.params, &own, sizeof own);
}

constexpr Op matmul_of(const char* const* in) {
  return {declare(TN_OP_MATMUL, in, 0, k_names<"f32">, "f32.foreign"),
          matmul,
          matmul_row,
          matmul_scratch,
          nullptr,
          true};
}
constexpr Op embed_of(const char* const* in) {
  return {declare(TN_OP_EMBED_ROWS, in), embed_rows, nullptr, nullptr, nullptr, true};
}
constexpr Op simple(const tn_op_decl& decl, void (*run)(const Call&),
                    void (*read)(const tn_node&, Call&) = nullptr) {
  return {decl, run, nullptr, nullptr, read};
}
constexpr Op of_cache(const tn_op_decl& decl, void (*run)(const Call&),
                      void (*read)(const tn_node&, Call&) = nullptr) {
  return {decl, run, nullptr, nullptr, read, false, true};
}

constexpr uint64_t k_rope = TN_ROPE_HALVES | TN_ROPE_PARTIAL | TN_ROPE_SCALED;
constexpr uint64_t k_attention = TN_ATTENTION_WINDOW | TN_ATTENTION_SOFTCAP;

template <tenon::sdk::Name State>
constexpr Op k_write = of_cache(declare(TN_OP_KV_WRITE, k_names<"f32", "f32", "i32", State>, 0,
                                        k_names<State>),
                                kv_write);
template <tenon::sdk::Name State>
constexpr Op k_read = of_cache(declare(TN_OP_ATTENTION, k_names<"f32", State, "i32", "i32", "i32">,
                                       k_attention),
                               attention, params<tn_attention_params>);

constexpr std::array k_ops = {
    matmul_of(k_names<"f32", "f32">),
    matmul_of(k_names<"f16", "f32">),
    matmul_of(k_names<"q4_1", "f32">),
    matmul_of(k_names<"q8_0", "f32">),
    embed_of(k_names<"f32", "i32">),
    embed_of(k_names<"f16", "i32">),
    embed_of(k_names<"q4_1", "i32">),
    embed_of(k_names<"q8_0", "i32">),
    simple(declare(TN_OP_ROW_GATHER, k_names<"f32", "i32">), row_gather),
    simple(declare(TN_OP_ADD, k_names<"f32", "f32">, TN_ELEMENTWISE_BROADCAST), add),
    simple(declare(TN_OP_MUL, k_names<"f32", "f32">, TN_ELEMENTWISE_BROADCAST), mul),
    simple(declare(TN_OP_SCALE, k_names<"f32">), scale, params<tn_scale_params>),
    simple(declare(TN_OP_SILU, k_names<"f32">), silu),
    simple(declare(TN_OP_GELU_TANH, k_names<"f32">), gelu_tanh),
    simple(declare(TN_OP_RMS_NORM, k_names<"f32">), rms_norm, params<tn_norm_params>),
    simple(declare(TN_OP_RMS_NORM_MUL, k_names<"f32", "f32">), rms_norm_mul,
           params<tn_norm_params>),
    simple(declare(TN_OP_ROPE, k_names<"f32", "i32">, k_rope), rope, params<tn_rope_params>),
    simple(declare(TN_OP_ROPE, k_names<"f32", "i32", "f32">, k_rope | TN_ROPE_FACTORS), rope,
           params<tn_rope_params>),
    k_write<"f32">,
    k_write<"f16">,
    k_read<"f32">,
    k_read<"f16">,
};

constexpr auto k_decls = [] {
  std::array<const tn_op_decl*, k_ops.size()> decls{};
  for (size_t i = 0; i < decls.size(); ++i) decls[i] = &k_ops[i].decl;
  return decls;
}();

bool is_plain(const tn_host* host, tn_id layout) {
  return layout == 0 || same_text(host->id_name(host->ctx, layout), TN_LAYOUT_PLAIN);
}

// Optional operands that are absent may be left out or named by nothing.
uint32_t n_present(const tn_node& node, const tn_tensor* const* t) {
  uint32_t n = node.n_in;
  while (n > 0 && t[n - 1] == nullptr) --n;
  return n;
}

bool takes(const Op& op, const tn_host* host, const tn_node& node, const tn_tensor* const* t) {
  if (!same_text(op.decl.op, host->id_name(host->ctx, node.op)) || node.n_out != 1) return false;
  const uint32_t n_in = n_present(node, t);
  uint32_t i = 0;
  for (; op.decl.in_dtypes[i] != nullptr; ++i)
    if (i >= n_in || t[i] == nullptr ||
        !same_text(op.decl.in_dtypes[i], host->id_name(host->ctx, t[i]->dtype)))
      return false;
  return i == n_in && (node.features & ~op.decl.features) == 0;
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

// dims of a state: (n_kv_heads, dk, dv)
const char* unsuitable_state(const tn_tensor& t) {
  const int64_t page = t.dim[0] * TN_PAGE_POSITIONS * (t.dim[1] + t.dim[2]) * 4;
  if (t.rank != 3 || t.dim[2] > k_max_head) return "a head is too wide";
  return page <= static_cast<int64_t>(k_max_alloc) ? nullptr : "a page of the state is too large";
}

const char* unsuitable(const tn_host* host, const Op& op, uint32_t operand, const tn_tensor& t) {
  if (t.role == TN_ROLE_STATE) return op.of_state ? unsuitable_state(t) : "a state";
  return op.of_weights && operand == 0 ? unsuitable_weight(host, t) : unsuitable(host, t);
}

}  // namespace

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
      if (tensors[i] != nullptr) *why = unsuitable(host, op, i, *tensors[i]);
    return *why == nullptr ? &op : nullptr;
  }
  return nullptr;
}

}  // namespace foreign
