// Operands lie in one buffer, one behind the other; results begin as NaN.
#include "trial_run.hpp"

#include <array>
#include <cstring>

#include "backends/gpu/program.hpp"

namespace tenon::gpu {
namespace {

constexpr std::array<int64_t, TN_SYM_COUNT> k_syms = {0, 0, 0, 0, k_trial_positions};

int64_t value_bytes(const std::string& dtype) { return dtype == "f16" ? 2 : 4; }

uint64_t bytes_of(const Trial::Operand& operand) {
  int64_t n = value_bytes(operand.dtype);
  for (const int64_t dim : operand.dims) n *= dim;
  return static_cast<uint64_t>(n);
}

bool lies_in_buffer(const Trial::Operand& o) {
  return o.role != Trial::Role::weight && o.role != Trial::Role::state;
}

}  // namespace

TrialRun::~TrialRun() {
  device_.queue_close(queue_);
  device_.plan_free(plan_);
  tn_weight_report report{};
  report.struct_size = sizeof report;
  device_.weights_commit(&report);  // of a run that failed half-way
  for (tn_weight* weight : weights_) device_.weight_free(weight);
  device_.kv_free(kv_);
  device_.buffer_free(buffer_);
  device_.timeline_destroy(done_);
}

tn_tensor TrialRun::describe(const Trial::Operand& operand) const {
  tn_tensor t{};
  t.struct_size = sizeof t;
  t.role = TN_ROLE_TEMP;
  t.dtype = host_->intern(host_->ctx, TN_KIND_DTYPE, operand.dtype.c_str());
  t.rank = static_cast<uint32_t>(operand.dims.size());
  t.view_of = t.weight = t.state = t.binding = TN_NONE;
  int64_t stride = value_bytes(operand.dtype);
  for (size_t axis = operand.dims.size(); axis-- > 0; stride *= operand.dims[axis]) {
    t.dim[axis] = operand.dims[axis];
    t.stride[axis] = stride;
  }
  return t;
}

tn_status TrialRun::put(const Trial::Operand& operand, tn_tensor& tensor) {
  tensor.role = TN_ROLE_WEIGHT;
  tensor.layout = host_->intern(host_->ctx, TN_KIND_LAYOUT, k_weight_layout);
  tensor.weight = static_cast<uint32_t>(weights_.size());
  tn_weight_desc desc{};
  desc.struct_size = sizeof desc;
  desc.name = "self-test";
  desc.tensor = &tensor;
  desc.data = operand.bytes.data();
  desc.bytes = operand.bytes.size();
  return device_.weight_put(&desc, &weights_.emplace_back(nullptr));
}

void TrialRun::place(const Trial::Operand& operand, tn_tensor& tensor) {
  tensor.binding = 0;
  tensor.offset = before_.size();
  before_.resize(before_.size() + aligned(bytes_of(operand)), std::byte{0xff});
  if (operand.role == Trial::Role::input)
    std::memcpy(before_.data() + tensor.offset, operand.bytes.data(), operand.bytes.size());
}

void TrialRun::add(const Trial& trial) {
  const auto first = static_cast<uint32_t>(tensors_.size() - trial.operands.size());
  const auto shifted = [&](std::vector<uint32_t> indices) {
    for (uint32_t& i : indices) i += first;
    return indices_.emplace_back(std::move(indices)).data();
  };
  for (const Trial::Node& node : trial.nodes) {
    tn_node n{};
    n.struct_size = sizeof n;
    n.layer = TN_NONE;
    n.op = host_->intern(host_->ctx, TN_KIND_OP, node.op);
    n.n_in = static_cast<uint32_t>(node.in.size());
    n.n_out = static_cast<uint32_t>(node.out.size());
    n.in = shifted(node.in);
    n.out = shifted(node.out);
    n.features = node.features;
    n.params = node.params.empty() ? nullptr : node.params.data();
    n.name = node.op;
    nodes_.push_back(n);
  }
}

tn_status TrialRun::make_cache() {
  if (states_.empty()) return TN_OK;
  const uint64_t pages = k_trial_pages;
  const tn_kv_desc desc{sizeof desc,
                        0,
                        static_cast<uint32_t>(states_.size()),
                        sizeof(tn_state_desc),
                        states_.data(),
                        &pages,
                        1,
                        TN_PAGE_POSITIONS};
  return device_.kv_create(&desc, &kv_);
}

tn_status TrialRun::prepare() {
  for (const Trial& trial : trials_) {
    for (const Trial::Operand& operand : trial.operands) {
      tn_tensor t = describe(operand);
      tn_status status = TN_OK;
      if (operand.role == Trial::Role::weight) status = put(operand, t);
      if (operand.role == Trial::Role::state) {
        t.role = TN_ROLE_STATE;
        t.state = static_cast<uint32_t>(states_.size());
        tn_state_desc state{};
        state.struct_size = sizeof state;
        state.kind = TN_STATE_KV;
        state.id = t.state;
        state.n_kv_heads = static_cast<uint32_t>(operand.dims[0]);
        state.dk = static_cast<uint32_t>(operand.dims[1]);
        state.dv = static_cast<uint32_t>(operand.dims[2]);
        state.dtype = t.dtype;
        states_.push_back(state);
      }
      if (status != TN_OK) return status;
      if (lies_in_buffer(operand)) place(operand, t);
      if (operand.role == Trial::Role::output)
        live_.push_back(static_cast<uint32_t>(tensors_.size()));
      tensors_.push_back(t);
    }
    add(trial);
  }
  tn_weight_report report{};
  report.struct_size = sizeof report;
  tn_status status = device_.weights_commit(&report);
  if (status == TN_OK) status = make_cache();
  if (status == TN_OK) status = compile();
  if (status == TN_OK)
    status = device_.buffer_alloc(0, before_.size(), TN_USAGE_ACTIVATIONS, &buffer_);
  if (status == TN_OK) status = device_.queue_open(TN_QUEUE_COMPUTE, &queue_);
  if (status == TN_OK) status = device_.timeline_create(0, &done_);
  after_.resize(before_.size());
  return status;
}

tn_status TrialRun::compile() {
  tn_subgraph graph{};
  graph.struct_size = sizeof graph;
  graph.n_nodes = static_cast<uint32_t>(nodes_.size());
  graph.n_tensors = static_cast<uint32_t>(tensors_.size());
  graph.node_stride = sizeof(tn_node);
  graph.tensor_stride = sizeof(tn_tensor);
  graph.nodes = nodes_.data();
  graph.tensors = tensors_.data();
  graph.live_out = live_.data();
  graph.n_live_out = static_cast<uint32_t>(live_.size());
  graph.n_bindings = 1;
  graph.weights = weights_.data();
  graph.n_weights = static_cast<uint32_t>(weights_.size());
  const tn_compile_opts opts{sizeof opts, 0, TN_SYM_COUNT, 0, k_syms.data()};
  return device_.compile(&graph, &opts, &plan_);
}

tn_status TrialRun::execute(std::vector<std::vector<std::vector<std::byte>>>& results) {
  const tn_binding binding{buffer_, 0};
  const tn_cmd_write write{
      {sizeof write, TN_CMD_WRITE}, before_.data(), buffer_, 0, before_.size()};
  const tn_cmd_execute run{
      {sizeof run, TN_CMD_EXECUTE}, plan_, kv_, &binding, k_syms.data(), 1, TN_SYM_COUNT, nullptr};
  const tn_cmd_read read{{sizeof read, TN_CMD_READ}, buffer_, 0, after_.size(), after_.data()};
  const std::array<const tn_cmd*, 3> cmds = {&write.head, &run.head, &read.head};
  const tn_point signal{done_, ++steps_};
  tn_submit work{};
  work.struct_size = sizeof work;
  work.signals = &signal;
  work.n_signals = 1;
  work.cmds = cmds.data();
  work.n_cmds = cmds.size();
  tn_status status = device_.submit(queue_, &work);
  if (status == TN_OK) status = device_.timeline_wait(done_, steps_, UINT64_MAX);
  if (status != TN_OK) return status;
  size_t tensor = 0;
  for (const Trial& trial : trials_) {
    auto& operands = results.emplace_back();
    for (const Trial::Operand& operand : trial.operands) {
      const tn_tensor& t = tensors_[tensor++];
      auto& bytes = operands.emplace_back();
      if (!lies_in_buffer(operand)) continue;
      const std::byte* at = after_.data() + t.offset;
      bytes.assign(at, at + bytes_of(operand));
    }
  }
  return TN_OK;
}

}  // namespace tenon::gpu
