// All operands lie apart in one buffer, which the host fills and reads whole.
#include "small_graph.hpp"

#include <cstring>

namespace tenon::conformance {
namespace {

uint64_t aligned(uint64_t n) { return (n + 255) / 256 * 256; }

}  // namespace

uint32_t SmallGraph::add(uint32_t role, const char* dtype, uint32_t sym, const Dims& dims) {
  Operand o{};
  tn_tensor& t = o.tensor;
  t.struct_size = sizeof t;
  t.role = role;
  t.dtype = host_.intern(TN_KIND_DTYPE, dtype);
  t.rank = static_cast<uint32_t>(dims.size());
  int64_t stride = 4;
  for (uint32_t axis = t.rank; axis-- > 0; stride *= dims[axis]) {
    t.dim[axis] = dims[axis];
    t.stride[axis] = stride;
  }
  t.sym[0] = sym;
  t.weight = t.binding = TN_NONE;
  operands_.push_back(std::move(o));
  return static_cast<uint32_t>(operands_.size() - 1);
}

uint32_t SmallGraph::weight(const char* dtype, const Dims& dims,
                            const std::vector<uint8_t>& plain) {
  const uint32_t n = add(TN_ROLE_WEIGHT, dtype, TN_SYM_STATIC, dims);
  tn_tensor& t = operands_[n].tensor;
  if (dims.size() > 1) t.layout = host_.intern(TN_KIND_LAYOUT, "tenon.r16/1");
  t.weight = static_cast<uint32_t>(weights_.size());
  weights_.push_back(device_.put(t, nullptr, plain));
  return n;
}

uint32_t SmallGraph::vector(const std::vector<float>& values) {
  std::vector<uint8_t> bytes(values.size() * 4);
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return weight("f32", {static_cast<int64_t>(values.size())}, bytes);
}

uint32_t SmallGraph::input(const Dims& dims, const std::vector<float>& values) {
  const uint32_t n = add(TN_ROLE_INPUT, "f32", TN_SYM_ROWS, dims);
  operands_[n].content.resize(values.size() * 4);
  std::memcpy(operands_[n].content.data(), values.data(), values.size() * 4);
  return n;
}

uint32_t SmallGraph::ints(uint32_t sym, const Dims& dims, const std::vector<int32_t>& values) {
  const uint32_t n = add(TN_ROLE_INPUT, "i32", sym, dims);
  operands_[n].content.resize(values.size() * 4);
  std::memcpy(operands_[n].content.data(), values.data(), values.size() * 4);
  return n;
}

uint32_t SmallGraph::temp(const Dims& dims) { return add(TN_ROLE_TEMP, "f32", TN_SYM_ROWS, dims); }

uint32_t SmallGraph::view(uint32_t of, const Dims& dims) {
  const uint32_t n = add(TN_ROLE_VIEW, "f32", TN_SYM_ROWS, dims);
  operands_[n].tensor.view_of = of;
  return n;
}

uint32_t SmallGraph::state(const char* dtype, int64_t heads, int64_t dk, int64_t dv,
                           uint64_t pages) {
  const uint32_t n = add(TN_ROLE_STATE, dtype, TN_SYM_STATIC, {heads, dk, dv});
  state_ = operands_[n].tensor;
  pages_ = pages;
  tn_state_desc desc{};
  desc.struct_size = sizeof desc;
  desc.kind = TN_STATE_KV;
  desc.n_kv_heads = static_cast<uint32_t>(heads);
  desc.dk = static_cast<uint32_t>(dk);
  desc.dv = static_cast<uint32_t>(dv);
  desc.dtype = state_.dtype;
  kv_ = device_.make_cache(desc, pages);
  return n;
}

void SmallGraph::add_node(const char* op, std::vector<uint32_t> in, std::vector<uint32_t> out,
                          std::vector<uint8_t> params, uint64_t features) {
  if (!params.empty()) {
    const auto size = static_cast<uint32_t>(params.size());
    std::memcpy(params.data(), &size, sizeof size);
  }
  nodes_.push_back({op, std::move(in), std::move(out), std::move(params), features});
}

uint64_t SmallGraph::place() {
  uint64_t end = 0;
  for (Operand& o : operands_) {
    tn_tensor& t = o.tensor;
    if (t.role == TN_ROLE_WEIGHT || t.role == TN_ROLE_STATE || t.role == TN_ROLE_VIEW) continue;
    t.binding = 0;
    t.offset = end;
    end += aligned(static_cast<uint64_t>(t.dim[0] * t.stride[0]));
  }
  return end;
}

std::vector<uint8_t> SmallGraph::inputs(uint64_t bytes) const {
  std::vector<uint8_t> all(bytes, 0xff);
  for (const Operand& o : operands_)
    if (o.tensor.role == TN_ROLE_INPUT && !o.content.empty())
      std::memcpy(all.data() + o.tensor.offset, o.content.data(), o.content.size());
  return all;
}

tn_plan* SmallGraph::compile(const std::vector<int64_t>& bounds, const std::set<uint32_t>& kept) {
  std::vector<tn_tensor> tensors;
  for (const Operand& o : operands_) tensors.push_back(o.tensor);
  for (const uint32_t n : kept) tensors[n].role = TN_ROLE_OUTPUT;
  std::vector<tn_node> nodes;
  for (const Node& n : nodes_) {
    tn_node node{};
    node.struct_size = sizeof node;
    node.layer = TN_NONE;
    node.op = host_.intern(TN_KIND_OP, n.op);
    node.in = n.in.data();
    node.n_in = static_cast<uint32_t>(n.in.size());
    node.out = n.out.data();
    node.n_out = static_cast<uint32_t>(n.out.size());
    node.features = n.features;
    node.params = n.params.empty() ? nullptr : n.params.data();
    node.name = n.op.c_str();
    nodes.push_back(node);
    for (const uint32_t in : n.in)
      if (in != TN_NONE) ++tensors[in].consumers;
  }
  const std::vector<uint32_t> live(kept.begin(), kept.end());
  const tn_subgraph graph{sizeof graph,
                          static_cast<uint32_t>(nodes.size()),
                          static_cast<uint32_t>(tensors.size()),
                          sizeof(tn_node),
                          sizeof(tn_tensor),
                          0,
                          nodes.data(),
                          tensors.data(),
                          live.data(),
                          static_cast<uint32_t>(live.size()),
                          1,
                          weights_.data(),
                          static_cast<uint32_t>(weights_.size()),
                          0};
  return device_.compile(graph, bounds);
}

void SmallGraph::append_cache(std::vector<float>& out) {
  const auto row = static_cast<uint64_t>(state_.dim[0]) * 64;  // heads, positions
  const uint64_t k = row * static_cast<uint64_t>(state_.dim[1]) * 4,
                 v = row * static_cast<uint64_t>(state_.dim[2]) * 4;
  std::vector<uint8_t> bytes(pages_ * (k + v), 0);
  std::vector<tn_kv_rows> rows;
  for (uint64_t page = 0; page < pages_; ++page) {
    uint8_t* at = bytes.data() + page * (k + v);
    rows.push_back({sizeof(tn_kv_rows), state_.state, static_cast<uint32_t>(page), 0, 64, 0, at,
                    at + k, k, v});
  }
  const tn_cmd_kv_rows read{{sizeof(tn_cmd_kv_rows), TN_CMD_KV_READ},
                            kv_,
                            rows.data(),
                            static_cast<uint32_t>(rows.size()),
                            sizeof(tn_kv_rows)};
  device_.submit({&read.head});
  const std::size_t before = out.size();
  out.resize(before + bytes.size() / 4);
  std::memcpy(out.data() + before, bytes.data(), bytes.size());
}

std::vector<float> SmallGraph::run(const std::vector<int64_t>& syms,
                                   const std::vector<int64_t>& bounds,
                                   const std::set<uint32_t>& kept) {
  device_.commit();
  const uint64_t bytes = place();
  tn_plan* plan = compile(bounds, kept);
  tn_buffer* buffer = device_.allocate(bytes);
  if (plan == nullptr || buffer == nullptr) return {};
  std::vector<uint8_t> content = inputs(bytes), after(bytes);
  const tn_binding binding{buffer, 0};
  const tn_cmd_write write{{sizeof(tn_cmd_write), TN_CMD_WRITE}, content.data(), buffer, 0, bytes};
  const tn_cmd_execute run{
      {sizeof(tn_cmd_execute), TN_CMD_EXECUTE}, plan,   kv_, &binding, syms.data(), 1,
      static_cast<uint32_t>(syms.size()),       nullptr};
  const tn_cmd_read read{{sizeof(tn_cmd_read), TN_CMD_READ}, buffer, 0, bytes, after.data()};
  device_.submit({&write.head, &run.head, &read.head});
  std::vector<float> out;
  for (const uint32_t n : kept) {
    const tn_tensor& t = operands_[n].tensor;
    const auto size = static_cast<uint64_t>(syms[TN_SYM_ROWS] * t.stride[0]);
    const std::size_t before = out.size();
    out.resize(before + size / 4);
    std::memcpy(out.data() + before, after.data() + t.offset, size);
  }
  if (kv_ != nullptr) append_cache(out);
  return out;
}

}  // namespace tenon::conformance
