// The building of a graph: inputs, weights, ops with shape inference; the first error is kept.
#include "framework/graph/builder.hpp"

#include <cstring>

#include "framework/graph/op_table.hpp"
#include "framework/graph/view.hpp"

namespace tenon {
namespace {

struct InputRow {
  std::string_view role;
  std::uint32_t sym;
  std::uint32_t rank;
};
// All i32. block_table is (S, pages per sequence).
constexpr std::array<InputRow, 6> k_inputs = {{{"tokens", TN_SYM_ROWS, 1},
                                               {"positions", TN_SYM_ROWS, 1},
                                               {"slots", TN_SYM_ROWS, 1},
                                               {"seq_ids", TN_SYM_ROWS, 1},
                                               {"block_table", TN_SYM_SEQS, 2},
                                               {"out_ids", TN_SYM_OUT_ROWS, 1}}};

constexpr std::uint32_t k_max_params = 1 << 16;  // bytes

bool is_float(const DType& dtype) {
  return dtype.name == "f32" || dtype.name == "f16" || dtype.name == "bf16";
}

}  // namespace

ValueId GraphBuilder::add(Value value) {
  graph_.values.push_back(std::move(value));
  return static_cast<ValueId>(graph_.values.size() - 1);
}

void GraphBuilder::error(std::string text) {
  if (!error_) error_.emplace(ErrorCode::model, scope_.empty() ? text : scope_ + ": " + text);
}

void GraphBuilder::scope(const std::string& name, std::int32_t layer) {
  scope_ = name;
  layer_ = layer < 0 ? TN_NONE : static_cast<std::uint32_t>(layer);
}

ValueId GraphBuilder::input(const std::string& role) {
  if (error_) return k_no_value;
  if (const auto found = graph_.inputs.find(role); found != graph_.inputs.end())
    return found->second;
  for (const InputRow& row : k_inputs) {
    if (row.role != role) continue;
    Value value;
    value.kind = ValueKind::input;
    value.dtype = find_dtype("i32");
    value.shape = row.rank == 1 ? make_shape({0}, row.sym)
                                : make_shape({0, sources_.pages_per_sequence}, row.sym);
    value.name = role;
    set_dense_strides(value);
    return graph_.inputs[role] = add(std::move(value));
  }
  error("there is no input \"" + role + "\"");
  return k_no_value;
}

ValueId GraphBuilder::weight(const std::string& name) {
  if (error_) return k_no_value;
  if (const auto found = weights_.find(name); found != weights_.end()) return found->second;
  const std::optional<WeightShape> source = sources_.weight(name);
  if (!source) return k_no_value;
  if (!within_limit(source->shape))
    return error("weight " + name + " has the shape " + to_string(source->shape)), k_no_value;
  Value value;
  value.kind = ValueKind::weight;
  value.dtype = source->dtype;
  value.shape = source->shape;
  value.name = name;
  set_dense_strides(value);
  return weights_[name] = add(std::move(value));
}

ValueId GraphBuilder::state(std::uint32_t layer) {
  if (error_) return k_no_value;
  if (const auto found = states_.find(layer); found != states_.end()) return found->second;
  const std::optional<Shape> shape = sources_.state(layer);
  if (!shape) {
    error("layer " + std::to_string(layer) + " has no declared KV cache");
    return k_no_value;
  }
  Value value;
  value.kind = ValueKind::state;
  value.dtype = sources_.cache_dtype;
  value.shape = *shape;
  value.layer = layer;
  return states_[layer] = add(std::move(value));
}

// Small weights of another float type (norms, biases) are cast by a node of their own.
ValueId GraphBuilder::as_f32(ValueId id) {
  const Value source = graph_.values[id];
  if (graph_.values[graph_.root_of(id)].kind != ValueKind::weight) return id;
  if (source.dtype->name == "f32" || !is_float(*source.dtype)) return id;
  Value value;
  value.dtype = find_dtype("f32");
  value.shape = source.shape;
  set_dense_strides(value);
  const ValueId out = add(std::move(value));
  graph_.nodes.push_back({find_op(TN_OP_CAST), {id}, {out}, 0, {}, layer_, scope_ + ".cast"});
  return out;
}

bool GraphBuilder::check_operand(const OpInfo& op, std::size_t i, ValueId id) {
  const Value& v = graph_.values[id];
  const char kind = op.kind(i);
  const ValueKind root = graph_.values[graph_.root_of(id)].kind;
  const bool data = v.kind != ValueKind::state;
  const bool fits = (kind == 'a' && data) ||
                    (kind == 'w' && root == ValueKind::weight && is_dense(v)) ||
                    (kind == 'f' && v.dtype->name == "f32" && data) ||
                    (kind == 'i' && v.dtype->name == "i32" && data) || (kind == 's' && !data);
  if (!fits)
    error(std::string(op.name) + ": operand " + std::to_string(i) + " of type " +
          std::string(v.dtype->name) + " does not fit");
  return fits;
}

bool GraphBuilder::op(const std::string& name, std::uint64_t features, const void* params,
                      std::span<const ValueId> in, std::span<ValueId> out) {
  if (error_) return false;
  const OpInfo* op = find_op(name);
  if (op == nullptr) return error("there is no op \"" + name + "\""), false;
  if (in.size() < op->min_in() || in.size() > op->max_in() || out.size() != op->n_out)
    return error(name + ": wrong number of operands"), false;
  if ((features & ~op->features) != 0) return error(name + ": unknown feature bits"), false;
  std::uint32_t params_size = 0;
  if (params != nullptr) std::memcpy(&params_size, params, sizeof(params_size));
  if (params_size < op->params_size) return error(name + ": params are too small"), false;
  if (params_size > k_max_params) return error(name + ": params are too large"), false;

  Node node{op, {}, {}, features, {}, layer_, {}};
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (!known(in[i])) return error(name + ": operand " + std::to_string(i) + " is missing"), false;
    node.in.push_back(op->kind(i) == 'f' ? as_f32(in[i]) : in[i]);
    if (!check_operand(*op, i, node.in.back())) return false;
  }
  std::vector<const Value*> operands;
  for (const ValueId id : node.in) operands.push_back(&graph_.values[id]);
  auto shapes = op->infer({*op, operands, params, features});
  if (!shapes) return error(shapes.error().message()), false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    Value value;
    value.dtype = (*shapes)[i].dtype != nullptr ? (*shapes)[i].dtype : find_dtype("f32");
    value.shape = (*shapes)[i].shape;
    if (!within_limit(value.shape))
      return error(name + ": a result " + to_string(value.shape) + " is too large"), false;
    if (op->updates >= 0) {
      value.kind = ValueKind::state;
      value.root = graph_.root_of(node.in[static_cast<std::size_t>(op->updates)]);
      value.layer = graph_.values[value.root].layer;
    } else {
      set_dense_strides(value);
    }
    out[i] = add(std::move(value));
    node.out.push_back(out[i]);
  }
  // What a newer plugin appended stays: kernels may know it even if the host does not.
  const auto* bytes = static_cast<const std::byte*>(params);
  if (params_size > 0) node.params.assign(bytes, bytes + params_size);
  const std::string_view short_name = std::string_view(name).substr(0, name.find('/'));
  node.name = scope_ + (scope_.empty() ? "" : ".") +
              std::string(short_name.substr(short_name.rfind('.') + 1));
  graph_.nodes.push_back(std::move(node));
  return true;
}

ValueId GraphBuilder::view(ValueId src, std::span<const std::int64_t> dim,
                           const std::int64_t* stride, std::int64_t offset) {
  if (error_ || !known(src)) return error("view of a missing value"), k_no_value;
  auto made = make_view(graph_, src, dim, stride, offset);
  if (!made) return error(made.error().message()), k_no_value;
  return add(std::move(*made));
}

bool GraphBuilder::output(const std::string& role, ValueId value) {
  if (error_) return false;
  if (!known(value)) return error("output \"" + role + "\" is missing"), false;
  const Value& v = graph_.values[value];
  const bool computed = graph_.values[graph_.root_of(value)].kind == ValueKind::computed;
  if (!computed || v.dtype->name != "f32" || !is_dense(v))
    return error("output \"" + role + "\" is not a computed, dense f32 value"), false;
  graph_.outputs[role] = value;
  return true;
}

Result<Graph> GraphBuilder::finish() {
  if (!error_ && graph_.outputs.empty()) error("the model has no output");
  if (error_) return tl::unexpected<Error>(*error_);
  return std::move(graph_);
}

}  // namespace tenon
