// Building a subgraph of one node, and looking for writes where there should be none.
#include "node_run.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "cache_rows.hpp"
#include "plugins/conformance/dtypes.hpp"

namespace tenon::conformance {
namespace {

constexpr uint64_t k_alignment = 256, k_guard = 256;
constexpr uint8_t k_poison = 0xff;  // a NaN in any float

uint64_t aligned(uint64_t bytes) { return (bytes + k_alignment - 1) / k_alignment * k_alignment; }

template <class C>
tn_cmd head(uint32_t type) {
  return {sizeof(C), type};
}

}  // namespace

NodeRun::NodeRun(Device& device, TestHost& host, const tn_node_query& query, const Kernel& kernel)
    : device_(device), host_(host), node_(*query.node), kernel_(kernel) {
  node_.bound = kernel.bound;
  for (uint32_t i = 0; i < query.n_in + query.n_out; ++i) {
    Operand& o = operands_.emplace_back(Operand{{}, query.t[i] != nullptr, i >= query.n_in});
    if (!o.present) continue;
    o.tensor = *query.t[i];
    const bool vector = o.tensor.rank == 1 && o.tensor.sym[0] == TN_SYM_STATIC &&
                        std::strcmp(host.name(o.tensor.dtype), "f32") == 0;
    if (!o.output && vector) o.tensor.role = TN_ROLE_WEIGHT;
    if (is_weight(o) || is_state(o)) o.tensor.layout = 0;
    o.tensor.weight = o.tensor.binding = TN_NONE;
  }
}

bool NodeRun::supported() {
  std::vector<const tn_tensor*> t;
  for (const Operand& o : operands_) t.push_back(o.present ? &o.tensor : nullptr);
  const tn_node_query query{sizeof query, node_.n_in, host_.table(), &node_, t.data(),
                            node_.n_out,  0};
  const bool yes = device_.supports(query, layout_);
  layout_ = kernel_.bound != nullptr ? kernel_.layout : layout_.substr(0, layout_.find(' '));
  return yes;
}

const tn_layout_desc* NodeRun::packer_of(const tn_tensor& weight) const {
  if (kernel_.packers == nullptr) return nullptr;
  for (const tn_layout_desc* packer : *kernel_.packers)
    if (layout_ == packer->id && std::strcmp(host_.name(weight.dtype), packer->dtype) == 0)
      return packer;
  return nullptr;
}

// Bytes from the first to the last element of this call; 0: it has none.
uint64_t NodeRun::reach(const Operand& o, const int64_t* syms) const {
  const tn_tensor& t = o.tensor;
  const Dtype& type = dtype(host_.name(t.dtype));
  int64_t bytes = type.bytes, values = 1;
  for (uint32_t axis = 0; axis < t.rank; ++axis) {
    const int64_t n = t.sym[axis] != TN_SYM_STATIC ? syms[t.sym[axis]] : t.dim[axis];
    if (n == 0) return 0;
    bytes += (n - 1) * t.stride[axis];
    values *= n;
  }
  return static_cast<uint64_t>(type.values > 1 ? values / type.values * type.bytes : bytes);
}

void NodeRun::put_weights(const tn_cpu_args& args) {
  for (std::size_t i = 0; i < operands_.size(); ++i) {
    Operand& o = operands_[i];
    if (!is_weight(o)) continue;
    if (o.tensor.rank > 1) o.tensor.layout = host_.intern(TN_KIND_LAYOUT, layout_);
    const tn_layout_desc* packer = o.tensor.rank > 1 ? packer_of(o.tensor) : nullptr;
    o.tensor.weight = static_cast<uint32_t>(weights_.size());
    const auto* plain = static_cast<const uint8_t*>(args.ptr[i]);
    weights_.push_back(device_.put(o.tensor, packer, {plain, reach(o, args.syms)}));
  }
  if (!weights_.empty()) device_.commit();
}

// Each operand has room for its bound, and a guard behind it.
void NodeRun::place(const tn_cpu_args& args) {
  uint64_t end = 0;
  std::vector<int64_t> bounds(args.n_syms, 0);
  for (Operand& o : operands_) {
    if (!lies_in_buffer(o)) continue;
    if (o.tensor.sym[0] != TN_SYM_STATIC) bounds[o.tensor.sym[0]] = o.tensor.dim[0];
    o.bytes = reach(o, args.syms);
    o.tensor.binding = 0;
    o.tensor.offset = end;
    end += aligned(reach(o, bounds.data())) + k_guard;
  }
  before_.assign(std::max(end, k_alignment), k_poison);
  for (std::size_t i = 0; i < operands_.size(); ++i) {
    const Operand& o = operands_[i];
    if (lies_in_buffer(o) && !o.output && o.bytes > 0)
      std::memcpy(before_.data() + o.tensor.offset, args.ptr[i], o.bytes);
  }
  after_.resize(before_.size());
  buffer_ = device_.allocate(before_.size());
}

tn_plan* NodeRun::compile(const tn_cpu_args& args) {
  std::vector<tn_tensor> tensors;
  std::vector<uint32_t> indices, live;
  std::vector<int64_t> max(args.syms, args.syms + args.n_syms);
  for (const Operand& o : operands_) {
    indices.push_back(o.present ? static_cast<uint32_t>(tensors.size()) : TN_NONE);
    if (!o.present) continue;
    if (o.tensor.sym[0] != TN_SYM_STATIC) max[o.tensor.sym[0]] = o.tensor.dim[0];
    if (o.output && !is_state(o)) live.push_back(indices.back());
    tensors.push_back(o.tensor);
  }
  tn_node node = node_;
  node.in = indices.data();
  node.out = indices.data() + node.n_in;
  const tn_subgraph graph{sizeof graph,
                          1,
                          static_cast<uint32_t>(tensors.size()),
                          sizeof(tn_node),
                          sizeof(tn_tensor),
                          0,
                          &node,
                          tensors.data(),
                          live.data(),
                          static_cast<uint32_t>(live.size()),
                          1,
                          weights_.data(),
                          static_cast<uint32_t>(weights_.size()),
                          0};
  return device_.compile(graph, max);
}

void NodeRun::make_cache(const tn_cpu_args& args) {
  for (std::size_t i = 0; i < operands_.size(); ++i) {
    if (!is_state(operands_[i])) continue;
    cache_ = static_cast<const tn_cpu_kv*>(args.ptr[i]);
    tn_state_desc state{};
    state.struct_size = sizeof state;
    state.kind = TN_STATE_KV;
    state.id = operands_[i].tensor.state;
    state.n_kv_heads = cache_->n_kv_heads;
    state.dk = cache_->dk;
    state.dv = cache_->dv;
    state.dtype = operands_[i].tensor.dtype;
    if (kv_ == nullptr) kv_ = device_.make_cache(state, cache_->n_pages);
  }
}

// All pages, whole.
void NodeRun::exchange_cache(bool write) {
  if (kv_ == nullptr) return;
  const auto state = std::ranges::find_if(operands_, [this](const auto& o) { return is_state(o); });
  const std::string type = host_.name(state->tensor.dtype);
  const CacheRows k(type, cache_->n_kv_heads, cache_->dk, true);
  const CacheRows v(type, cache_->n_kv_heads, cache_->dv, false);
  std::vector<uint8_t> bytes(cache_->n_pages * (k.bytes() + v.bytes()));
  std::vector<tn_kv_rows> rows;
  const auto move = [&](bool to_rows) {
    for (uint64_t page = 0; page < cache_->n_pages; ++page) {
      uint8_t* keys = bytes.data() + page * (k.bytes() + v.bytes());
      k.exchange(static_cast<uint8_t*>(cache_->k) + page * cache_->page_stride,
                 cache_->k_tile_bytes, keys, to_rows);
      v.exchange(static_cast<uint8_t*>(cache_->v) + page * cache_->page_stride,
                 cache_->v_tile_bytes, keys + k.bytes(), to_rows);
    }
  };
  for (uint64_t page = 0; page < cache_->n_pages; ++page) {
    uint8_t* keys = bytes.data() + page * (k.bytes() + v.bytes());
    rows.push_back({sizeof(tn_kv_rows), state->tensor.state, static_cast<uint32_t>(page), 0, 64, 0,
                    keys, keys + k.bytes(), k.bytes(), v.bytes()});
  }
  if (write) move(true);
  const uint32_t type_of = write ? TN_CMD_KV_WRITE : TN_CMD_KV_READ;
  const tn_cmd_kv_rows cmd{head<tn_cmd_kv_rows>(type_of), kv_, rows.data(),
                           static_cast<uint32_t>(rows.size()), sizeof(tn_kv_rows)};
  device_.submit({&cmd.head});
  if (!write) move(false);
}

void NodeRun::execute(tn_plan* plan, const tn_cpu_args& args) {
  const tn_binding binding{buffer_, 0};
  const tn_cmd_write write{head<tn_cmd_write>(TN_CMD_WRITE), before_.data(), buffer_, 0,
                           before_.size()};
  const tn_cmd_execute run{head<tn_cmd_execute>(TN_CMD_EXECUTE),
                           plan,
                           kv_,
                           &binding,
                           args.syms,
                           1,
                           args.n_syms,
                           nullptr};
  const tn_cmd_read read{head<tn_cmd_read>(TN_CMD_READ), buffer_, 0, after_.size(), after_.data()};
  device_.submit({&write.head, &run.head, &read.head});
}

void NodeRun::take_results(const tn_cpu_args& args) {
  for (std::size_t i = 0; i < operands_.size(); ++i) {
    const Operand& o = operands_[i];
    if (!lies_in_buffer(o) || !o.output) continue;
    if (o.bytes > 0) std::memcpy(args.ptr[i], after_.data() + o.tensor.offset, o.bytes);
    // Rows up to the bound are scratch, and so are bytes up to the next whole word.
    std::vector<int64_t> bounds(args.n_syms, o.tensor.dim[0]);
    const uint64_t own = (reach(o, bounds.data()) + 3) / 4 * 4;
    std::copy_n(before_.begin() + static_cast<std::ptrdiff_t>(o.tensor.offset), own,
                after_.begin() + static_cast<std::ptrdiff_t>(o.tensor.offset));
  }
  EXPECT_TRUE(before_ == after_) << node_.name << ": written outside of the outputs";
}

void NodeRun::run(const tn_cpu_args& args) {
  put_weights(args);
  place(args);
  make_cache(args);
  if (tn_plan* plan = compile(args)) {
    exchange_cache(true);
    execute(plan, args);
    take_results(args);
    exchange_cache(false);
  }
  device_.release();
}

}  // namespace tenon::conformance
