// The table of ops and the shape rules that several rows share.
#include "framework/graph/op_info.hpp"

#include "framework/graph/ops/rows.hpp"

namespace tenon {
namespace {

constexpr std::array k_table = {
    &ops::k_add_rms_norm, &ops::k_qkv_proj,   &ops::k_rms_norm_mul, &ops::k_swiglu,
    &ops::k_geglu,        &ops::k_embed_rows, &ops::k_matmul,       &ops::k_add,
    &ops::k_mul,          &ops::k_scale,      &ops::k_rms_norm,     &ops::k_layer_norm,
    &ops::k_rope,         &ops::k_softmax,    &ops::k_silu,         &ops::k_gelu_tanh,
    &ops::k_gelu_erf,     &ops::k_cast,       &ops::k_copy,         &ops::k_concat,
    &ops::k_row_gather,   &ops::k_argmax,     &ops::k_kv_write,     &ops::k_attention,
};

}  // namespace

std::span<const OpInfo* const> all_ops() { return k_table; }

const OpInfo* find_op(std::string_view name) {
  for (const OpInfo* op : k_table)
    if (op->name == name) return op;
  return nullptr;
}

std::size_t OpInfo::min_in() const {
  std::size_t n = 0;
  while (n < operands.size() && operands[n] >= 'a') ++n;
  return n;
}

tl::unexpected<Error> InferArgs::fail(const std::string& text) const {
  return tenon::fail(ErrorCode::model, std::string(op.name) + ": " + text);
}

bool per_row(const Shape& indices, const Shape& x) {
  return indices.rank == 1 && indices.sym[0] == x.sym[0] && indices.dim[0] == x.dim[0];
}

InferResult same_as_first(const InferArgs& a) { return std::vector{OutSpec{a.shape(0)}}; }

InferResult elementwise_pair(const InferArgs& a) {
  const Shape &x = a.shape(0), &y = a.shape(1);
  const bool one_row = a.has(TN_ELEMENTWISE_BROADCAST);
  const bool fits = one_row ? y.rank == 1 && !y.symbolic() && y.width() == x.width() : x == y;
  if (!fits) return a.fail("shapes " + to_string(x) + " and " + to_string(y) + " do not fit");
  return std::vector{OutSpec{x}};
}

InferResult infer_from_steps(const InferArgs& a) {
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

}  // namespace tenon
