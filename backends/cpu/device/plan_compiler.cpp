// Plan::compile: checks and copies the host's subgraph, resolves operands, sizes the scratch.
#include <algorithm>
#include <cstring>
#include <memory>
#include <tenon/sdk/structs.hpp>

#include "backends/cpu/device/checked_product.hpp"
#include "backends/cpu/device/error.hpp"
#include "backends/cpu/device/plan.hpp"
#include "backends/cpu/device/weights.hpp"

namespace tenon::cpu {

namespace {

constexpr uint32_t k_max_params_bytes = 1 << 16;
constexpr uint64_t k_scratch_unit =
    128;  // two lines: neighbours are not prefetched into a worker's

uint64_t round_up(uint64_t n, uint64_t unit) { return (n + unit - 1) / unit * unit; }

// Bytes from the first to behind the last element of a plain tensor; false on overflow.
bool span_of(const tn_tensor& tensor, uint64_t& bytes) {
  bytes = tensor.rank > 0 ? static_cast<uint64_t>(tensor.stride[tensor.rank - 1]) : 0;
  for (uint32_t axis = 0; axis < tensor.rank; ++axis) {
    if (tensor.dim[axis] < 0 || tensor.stride[axis] < 0) return false;
    if (tensor.dim[axis] == 0) return bytes = 0, true;
    uint64_t extra = 0;
    if (!product(extra, tensor.dim[axis] - 1, tensor.stride[axis]) ||
        __builtin_add_overflow(bytes, extra, &bytes)) {
      return false;
    }
  }
  return true;
}

}  // namespace

class PlanCompiler {
 public:
  PlanCompiler(const tn_host* host, const ThreadPool& pool, const tn_subgraph& graph,
               const tn_compile_opts& opts, Plan& plan)
      : host_(host), pool_(pool), graph_(graph), opts_(opts), plan_(plan) {}

  tn_status run() {
    tn_status status = check_graph();
    if (status == TN_OK) status = copy_tensors();
    if (status == TN_OK) status = copy_nodes();
    if (status == TN_OK) status = size_scratch();
    return status;
  }

 private:
  tn_status invalid(const char* what, uint32_t index) const {
    return refuse(host_, TN_ERR_INVALID, "compile: %s (number %u)", what, index);
  }
  tn_status unsupported(const char* what, uint32_t index) const {
    return refuse(host_, TN_ERR_UNSUPPORTED, "compile: unknown %s (number %u)", what, index);
  }
  const tn_node& host_node(uint32_t i) const {
    const auto* base = reinterpret_cast<const std::byte*>(graph_.nodes);
    return *reinterpret_cast<const tn_node*>(base + size_t{i} * graph_.node_stride);
  }

  tn_status check_graph() const;
  tn_status copy_tensors();
  tn_status copy_nodes();
  tn_status copy_node(const tn_node& node, uint32_t index);
  tn_status copy_params(const tn_node& node, Plan::NodeCopy& copy) const;
  tn_status add_operand(uint32_t tensor, const char* node);
  tn_status find_root(uint32_t tensor, uint32_t& root, uint64_t& offset) const;
  tn_status place(uint32_t tensor, const char* node);
  tn_status place_weight(const tn_tensor& root, bool viewed, uint64_t offset);
  tn_status place_in_binding(uint32_t tensor, const tn_tensor& root, uint64_t offset);
  void connect();
  tn_status size_scratch();

  const tn_host* host_;
  const ThreadPool& pool_;
  const tn_subgraph& graph_;
  const tn_compile_opts& opts_;
  Plan& plan_;
};

tn_status PlanCompiler::check_graph() const {
  if (graph_.node_stride < TN_SIZE_1_0_tn_node || graph_.tensor_stride < TN_SIZE_1_0_tn_tensor ||
      graph_.node_stride % alignof(tn_node) != 0 ||
      graph_.tensor_stride % alignof(tn_tensor) != 0) {
    return invalid("nodes or tensors are too short", 0);
  }
  if ((graph_.n_nodes != 0 && graph_.nodes == nullptr) ||
      (graph_.n_tensors != 0 && graph_.tensors == nullptr) ||
      (graph_.n_weights != 0 && graph_.weights == nullptr)) {
    return invalid("nodes, tensors or weights are NULL", 0);
  }
  if (opts_.n_syms != 0 && opts_.max_syms == nullptr) {
    return invalid("bounds are missing for symbols", opts_.n_syms);
  }
  return TN_OK;
}

tn_status PlanCompiler::copy_tensors() {
  plan_.max_syms_.assign(opts_.max_syms, opts_.max_syms + opts_.n_syms);
  plan_.syms_ = plan_.max_syms_;
  // Kernels may look at every symbol of this minor, whether the graph uses it or not.
  plan_.syms_.resize(std::max<size_t>(plan_.syms_.size(), TN_SYM_COUNT), 0);
  plan_.binding_bytes_.assign(graph_.n_bindings, 0);
  plan_.bases_.assign(graph_.n_bindings, nullptr);
  const auto* at = reinterpret_cast<const std::byte*>(graph_.tensors);
  for (uint32_t i = 0; i < graph_.n_tensors; ++i, at += graph_.tensor_stride) {
    const tn_tensor tensor = sdk::take(reinterpret_cast<const tn_tensor*>(at));
    for (uint32_t axis = 1; axis < TN_MAX_RANK; ++axis) {
      if (tensor.sym[axis] != TN_SYM_STATIC)
        return unsupported("symbol of an inner axis, tensor", i);
    }
    if (tensor.rank > TN_MAX_RANK) return invalid("rank of tensor", i);
    for (uint32_t axis = 0; axis < tensor.rank; ++axis) {
      if (tensor.sym[axis] != TN_SYM_STATIC && tensor.sym[axis] >= opts_.n_syms) {
        return invalid("unknown symbol in tensor", i);
      }
      if (tensor.sym[axis] != TN_SYM_STATIC &&
          tensor.dim[axis] < opts_.max_syms[tensor.sym[axis]]) {
        return invalid("symbol may exceed the extent that memory was planned for, tensor", i);
      }
    }
    plan_.tensors_.push_back(tensor);
  }
  return TN_OK;
}

tn_status PlanCompiler::copy_nodes() {
  plan_.copies_.reserve(graph_.n_nodes);  // args.node points into it
  for (uint32_t i = 0; i < graph_.n_nodes; ++i) {
    if (const tn_status status = copy_node(host_node(i), i); status != TN_OK) return status;
  }
  connect();
  return TN_OK;
}

tn_status PlanCompiler::copy_node(const tn_node& node, uint32_t index) {
  if (sdk::must_decline(node.flags)) return unsupported("flags of node", index);
  if (node.struct_size < TN_SIZE_1_0_tn_node || (node.n_in != 0 && node.in == nullptr) ||
      (node.n_out != 0 && node.out == nullptr)) {
    return invalid("node", index);
  }
  Plan::NodeCopy& copy = plan_.copies_.emplace_back();
  copy.name = or_unnamed(node.name);
  const char* why = nullptr;
  const tn_cpu_kernel* kernel = bound_kernel(node, &why);
  if (kernel == nullptr) {
    return refuse(host_, TN_ERR_UNSUPPORTED, "node %s: %s", copy.name.c_str(), why);
  }
  copy.node = sdk::take(&node);
  copy.node.name = copy.name.c_str();
  copy.operands.assign(node.in, node.in + node.n_in);
  copy.operands.insert(copy.operands.end(), node.out, node.out + node.n_out);
  copy.node.in = copy.operands.data();
  copy.node.out = copy.operands.data() + node.n_in;
  if (const tn_status status = copy_params(node, copy); status != TN_OK) return status;
  Plan::Dispatch dispatch = {};
  dispatch.kernel = kernel;
  dispatch.args.struct_size = sizeof dispatch.args;
  dispatch.args.n_in = node.n_in;
  dispatch.args.n_out = node.n_out;
  dispatch.args.node = &copy.node;
  plan_.dispatches_.push_back(dispatch);
  for (uint32_t tensor : copy.operands) {
    const tn_status status = add_operand(tensor, copy.name.c_str());
    if (status != TN_OK) return status;
  }
  return TN_OK;
}

tn_status PlanCompiler::copy_params(const tn_node& node, Plan::NodeCopy& copy) const {
  if (node.params == nullptr) return TN_OK;
  uint32_t bytes = 0;
  std::memcpy(&bytes, node.params, sizeof bytes);
  if (bytes < sizeof bytes || bytes > k_max_params_bytes) {
    return refuse(host_, TN_ERR_INVALID, "node %s: params of %u bytes", copy.name.c_str(), bytes);
  }
  copy.params.resize((bytes + 7) / 8);
  std::memcpy(copy.params.data(), node.params, bytes);
  copy.node.params = copy.params.data();
  return TN_OK;
}

tn_status PlanCompiler::add_operand(uint32_t tensor, const char* node) {
  plan_.operands_.push_back(nullptr);
  plan_.pointers_.push_back(nullptr);
  if (tensor == TN_NONE) return TN_OK;
  if (tensor >= plan_.tensors_.size()) {
    return refuse(host_, TN_ERR_INVALID, "node %s: there is no tensor %u", node, tensor);
  }
  plan_.operands_.back() = &plan_.tensors_[tensor];
  return place(tensor, node);
}

// Follows views to the tensor that has memory of its own.
tn_status PlanCompiler::find_root(uint32_t tensor, uint32_t& root, uint64_t& offset) const {
  offset = 0;
  root = tensor;
  for (uint32_t hops = 0; plan_.tensors_[root].role == TN_ROLE_VIEW; ++hops) {
    const tn_tensor& view = plan_.tensors_[root];
    if (hops == graph_.n_tensors || view.view_of >= graph_.n_tensors ||
        __builtin_add_overflow(offset, view.view_offset, &offset)) {
      return TN_ERR_INVALID;
    }
    root = view.view_of;
  }
  return TN_OK;
}

// Resolves the operand that was added last.
tn_status PlanCompiler::place(uint32_t tensor, const char* node) {
  uint32_t root = 0;
  uint64_t offset = 0;
  tn_status status = find_root(tensor, root, offset);
  const tn_tensor& owner = plan_.tensors_[root];
  if (status == TN_OK) {
    switch (owner.role) {
      case TN_ROLE_WEIGHT:
        status = place_weight(owner, root != tensor, offset);
        break;
      case TN_ROLE_STATE:
        status = root == tensor && owner.rank == 3 ? TN_OK : TN_ERR_INVALID;
        plan_.states_.push_back({static_cast<uint32_t>(plan_.pointers_.size() - 1), root});
        break;
      case TN_ROLE_INPUT:
      case TN_ROLE_OUTPUT:
      case TN_ROLE_TEMP:
        status = place_in_binding(tensor, owner, offset);
        break;
      default:
        status = TN_ERR_UNSUPPORTED;
    }
  }
  if (status == TN_OK) return TN_OK;
  return refuse(host_, status, "node %s: tensor %u has no valid place", node, tensor);
}

tn_status PlanCompiler::place_weight(const tn_tensor& root, bool viewed, uint64_t offset) {
  if (root.weight >= graph_.n_weights) return TN_ERR_INVALID;
  tn_weight* handle = graph_.weights[root.weight];
  if (handle == nullptr && !plan_.sizes_only_) return TN_ERR_INVALID;
  const char* layout = root.layout != 0 ? host_->id_name(host_->ctx, root.layout) : nullptr;
  const bool plain = layout == nullptr || std::strcmp(layout, TN_LAYOUT_PLAIN) == 0;
  if (viewed && !plain) return TN_ERR_UNSUPPORTED;  // packed rows are not at plain offsets
  if (handle == nullptr) return TN_OK;
  const auto* data = static_cast<const std::byte*>(weight(handle)->data);
  plan_.pointers_.back() = const_cast<std::byte*>(data + offset);
  return TN_OK;
}

tn_status PlanCompiler::place_in_binding(uint32_t tensor, const tn_tensor& root, uint64_t offset) {
  uint64_t span = 0, end = 0;
  if (root.binding >= graph_.n_bindings || __builtin_add_overflow(offset, root.offset, &offset) ||
      !span_of(plan_.tensors_[tensor], span) || __builtin_add_overflow(offset, span, &end)) {
    return TN_ERR_INVALID;
  }
  uint64_t& needed = plan_.binding_bytes_[root.binding];
  needed = std::max({needed, end, uint64_t{1}});
  plan_.patches_.push_back(
      {static_cast<uint32_t>(plan_.pointers_.size() - 1), root.binding, offset});
  return TN_OK;
}

// The arrays do not grow any more: args can point into them.
void PlanCompiler::connect() {
  size_t at = 0;
  for (Plan::Dispatch& dispatch : plan_.dispatches_) {
    dispatch.args.t = plan_.operands_.data() + at;
    dispatch.args.ptr = plan_.pointers_.data() + at;
    dispatch.args.syms = plan_.syms_.data();
    dispatch.args.n_syms = static_cast<uint32_t>(plan_.syms_.size());
    at += dispatch.args.n_in + dispatch.args.n_out;
  }
}

// Plans are monotone, so the bounds of the symbols bound the scratch.
tn_status PlanCompiler::size_scratch() {
  std::vector<tn_cpu_kv> shapes(plan_.states_.size());  // plan() may read the shape of a state
  for (size_t i = 0; i < shapes.size(); ++i) {
    const tn_tensor& state = plan_.tensors_[plan_.states_[i].tensor];
    shapes[i].struct_size = sizeof(tn_cpu_kv);
    shapes[i].n_kv_heads = static_cast<uint32_t>(state.dim[0]);
    shapes[i].dk = static_cast<uint32_t>(state.dim[1]);
    shapes[i].dv = static_cast<uint32_t>(state.dim[2]);
    plan_.pointers_[plan_.states_[i].slot] = &shapes[i];
  }
  uint64_t shared = 0, worker = 0;
  for (const Plan::Dispatch& dispatch : plan_.dispatches_) {
    tn_cpu_work work = {};
    work.struct_size = sizeof work;
    if (const tn_status status = dispatch.kernel->plan(&dispatch.args, &work); status != TN_OK) {
      return refuse(host_, status, "node %s: kernel %s has no plan", dispatch.args.node->name,
                    dispatch.args.node->bound->id);
    }
    shared = std::max(shared, work.shared_scratch);
    worker = std::max(worker, work.worker_scratch);
  }
  uint64_t all_workers = 0, total = 0;
  if (shared > PTRDIFF_MAX / 2 || worker > PTRDIFF_MAX / 2) {
    return out_of_memory(host_, "scratch of a plan", std::max(shared, worker));
  }
  plan_.shared_bytes_ = round_up(shared, k_scratch_unit);
  plan_.worker_bytes_ = round_up(worker, k_scratch_unit);
  if (!product(all_workers, plan_.worker_bytes_, pool_.size()) ||
      __builtin_add_overflow(plan_.shared_bytes_, all_workers, &total) ||
      !(plan_.sizes_only_ || plan_.scratch_.allocate(total, k_scratch_unit))) {
    return out_of_memory(host_, "scratch of a plan", total);
  }
  plan_.scratch_bytes_ = total;
  for (Plan::Dispatch& dispatch : plan_.dispatches_) dispatch.args.shared = plan_.scratch_.data();
  return TN_OK;
}

tn_status Plan::compile(const tn_host* host, const ThreadPool& pool, const tn_subgraph* graph,
                        const tn_compile_opts* opts, Plan** out) {
  if (graph == nullptr || opts == nullptr || out == nullptr ||
      graph->struct_size < TN_SIZE_1_0_tn_subgraph ||
      opts->struct_size < TN_SIZE_1_0_tn_compile_opts) {
    return refuse(host, TN_ERR_INVALID, "compile: subgraph or options missing or too short");
  }
  if (sdk::must_decline(graph->flags) || sdk::must_decline(opts->flags, TN_COMPILE_SIZES)) {
    return refuse(host, TN_ERR_UNSUPPORTED, "compile: unknown flags");
  }
  auto made = std::make_unique<Plan>();
  made->sizes_only_ = (opts->flags & TN_COMPILE_SIZES) != 0;
  const tn_status status = PlanCompiler(host, pool, *graph, *opts, *made).run();
  if (status == TN_OK) *out = made.release();
  return status;
}

}  // namespace tenon::cpu
