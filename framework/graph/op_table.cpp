// The rows of all ops, and the shape rules that many rows share. A rule that needs more than that
// has a file in ops/.
#include "framework/graph/op_table.hpp"

#include <tenon/abi/sizes_1_0.h>

#include "framework/graph/ops/shape_rules.hpp"

namespace tenon {
namespace {

// Elementwise ops and norms: the result looks like the first operand.
InferResult same_as_first(const InferArgs& a) { return std::vector{OutSpec{a.shape(0)}}; }

// a and b have one shape, or b is one row for all rows of a (BROADCAST).
InferResult elementwise_pair(const InferArgs& a) {
  const Shape &x = a.shape(0), &y = a.shape(1);
  const bool one_row = a.has(TN_ELEMENTWISE_BROADCAST);
  const bool fits = one_row ? y.rank == 1 && !y.symbolic() && y.width() == x.width() : x == y;
  if (!fits) return a.fail("shapes " + to_string(x) + " and " + to_string(y) + " do not fit");
  return std::vector{OutSpec{x}};
}

// Composites: the rules of the decomposition, one after the other.
InferResult from_steps(const InferArgs& a) {
  std::vector<Value> made;
  made.reserve(a.op.steps.size());
  const auto operand = [&](int i) -> const Value* {
    const auto at = static_cast<std::size_t>(i);
    return at < a.in.size() ? a.in[at] : &made[at - a.op.max_in()];
  };
  for (const Step& step : a.op.steps) {
    std::vector<const Value*> in;
    for (const int i : step.in)
      if (i >= 0) in.push_back(operand(i));
    const OpInfo& op = *find_op(step.op);
    auto out = op.infer({op, in, step.takes_params ? a.params : nullptr, step.features});
    if (!out) return out;
    Value value;
    value.shape = (*out)[0].shape;
    value.dtype = (*out)[0].dtype;
    made.push_back(value);
  }
  std::vector<OutSpec> outs;
  for (const int i : a.op.results) outs.push_back({operand(i)->shape, operand(i)->dtype});
  return outs;
}

constexpr std::array<Step, 3> k_add_rms_norm = {{
    {TN_OP_ADD, {0, 1, -1}},
    {TN_OP_RMS_NORM, {3, -1, -1}, 0, true},
    {TN_OP_MUL, {4, 2, -1}, TN_ELEMENTWISE_BROADCAST},
}};
constexpr std::array<Step, 3> k_qkv_proj = {{
    {TN_OP_MATMUL, {0, 3, -1}},
    {TN_OP_MATMUL, {1, 3, -1}},
    {TN_OP_MATMUL, {2, 3, -1}},
}};
constexpr std::array<Step, 2> k_rms_norm_mul = {{
    {TN_OP_RMS_NORM, {0, -1, -1}, 0, true},
    {TN_OP_MUL, {2, 1, -1}, TN_ELEMENTWISE_BROADCAST},
}};
constexpr std::array<Step, 2> k_swiglu = {{
    {TN_OP_SILU, {0, -1, -1}},
    {TN_OP_MUL, {2, 1, -1}},
}};
constexpr std::array<Step, 2> k_geglu = {{
    {TN_OP_GELU_TANH, {0, -1, -1}},
    {TN_OP_MUL, {2, 1, -1}},
}};
constexpr std::array k_last_of_two = {3};
constexpr std::array k_first_and_last = {3, 5};
constexpr std::array k_all_three = {4, 5, 6};

constexpr std::uint64_t k_any_rope = TN_ROPE_HALVES | TN_ROPE_FACTORS | TN_ROPE_YARN |
                                     TN_ROPE_PARTIAL | TN_ROPE_SCALED | TN_ROPE_SELECT;
constexpr std::uint64_t k_any_attention =
    TN_ATTENTION_WINDOW | TN_ATTENTION_SOFTCAP | TN_ATTENTION_SINKS;
// Sizes of parameters are those of minor 0: models that were built against it give no more.
constexpr std::uint32_t k_norm = TN_SIZE_1_0_tn_norm_params;

// clang-format off
// name, operands, results, shape rule [, bytes of params, feature bits, state, steps, results]
constexpr std::array k_table = {
    OpInfo{TN_OP_ADD_RMS_NORM, "fff", 2, from_steps, k_norm, 0, -1, k_add_rms_norm,
           k_first_and_last},
    OpInfo{TN_OP_QKV_PROJ, "wwwf", 3, from_steps, 0, 0, -1, k_qkv_proj, k_all_three},
    OpInfo{TN_OP_RMS_NORM_MUL, "ff", 1, from_steps, k_norm, 0, -1, k_rms_norm_mul,
           k_last_of_two},
    OpInfo{TN_OP_SWIGLU, "ff", 1, from_steps, 0, 0, -1, k_swiglu, k_last_of_two},
    OpInfo{TN_OP_GEGLU, "ff", 1, from_steps, 0, 0, -1, k_geglu, k_last_of_two},
    OpInfo{TN_OP_EMBED_ROWS, "wi", 1, ops::rows_by_ids_shape},
    OpInfo{TN_OP_MATMUL, "wf", 1, ops::matmul_shape},
    OpInfo{TN_OP_ADD, "ff", 1, elementwise_pair, 0, TN_ELEMENTWISE_BROADCAST},
    OpInfo{TN_OP_MUL, "ff", 1, elementwise_pair, 0, TN_ELEMENTWISE_BROADCAST},
    OpInfo{TN_OP_SCALE, "f", 1, same_as_first, TN_SIZE_1_0_tn_scale_params},
    OpInfo{TN_OP_SOFTCAP, "f", 1, same_as_first, TN_SIZE_1_0_tn_softcap_params},
    OpInfo{TN_OP_RMS_NORM, "f", 1, same_as_first, k_norm},
    OpInfo{TN_OP_LAYER_NORM, "f", 1, same_as_first, k_norm},
    OpInfo{TN_OP_ROPE, "fiFFI", 1, ops::rope_shape, TN_SIZE_1_0_tn_rope_params, k_any_rope},
    OpInfo{TN_OP_SOFTMAX, "f", 1, same_as_first},
    OpInfo{TN_OP_SILU, "f", 1, same_as_first},
    OpInfo{TN_OP_GELU_TANH, "f", 1, same_as_first},
    OpInfo{TN_OP_GELU_ERF, "f", 1, same_as_first},
    OpInfo{TN_OP_CAST, "a", 1, same_as_first},
    OpInfo{TN_OP_COPY, "f", 1, same_as_first},
    OpInfo{TN_OP_CONCAT, "ff", 1, ops::concat_shape},
    OpInfo{TN_OP_ROW_GATHER, "fi", 1, ops::rows_by_ids_shape},
    OpInfo{TN_OP_ARGMAX, "f", 1, ops::argmax_shape},
    OpInfo{TN_OP_TOP_K, "fI", 2, ops::top_k_shape, TN_SIZE_1_0_tn_top_k_params},
    OpInfo{TN_OP_KV_WRITE, "ffis", 1, ops::kv_write_shape, 0, 0, 3},
    OpInfo{TN_OP_ATTENTION, "fsiiiF", 1, ops::attention_shape, TN_SIZE_1_0_tn_attention_params,
           k_any_attention},
};
// clang-format on

}  // namespace

std::span<const OpInfo> all_ops() { return k_table; }

const OpInfo* find_op(std::string_view name) {
  for (const OpInfo& op : k_table)
    if (op.name == name) return &op;
  return nullptr;
}

}  // namespace tenon
