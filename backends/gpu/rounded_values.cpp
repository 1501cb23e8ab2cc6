// Readers are found once, through views.
#include "backends/gpu/rounded_values.hpp"

#include <algorithm>
#include <tenon/sdk/device.hpp>

#include "backends/gpu/layouts/weight_type.hpp"
#include "backends/gpu/ops.hpp"

namespace tenon::gpu {
namespace {

// Whether input `i` of a node is what its quantised weights are multiplied with, by our own kernels.
bool takes_rounded(const tn_host* host, const tn_subgraph& graph, const tn_node& node, uint32_t i) {
  const char* name = host->id_name(host->ctx, node.op);
  const bool one = sdk::same_text(name, TN_OP_MATMUL), three = sdk::same_text(name, TN_OP_QKV_PROJ);
  const uint32_t n_weights = one ? 1 : 3;
  if ((!one && !three) || i != n_weights || node.bound != nullptr) return false;
  for (uint32_t w = 0; w < n_weights; ++w) {
    if (node.in[w] >= graph.n_tensors) return false;
    const tn_id dtype = sdk::tensor_at(graph, node.in[w]).dtype;
    const WeightType* type = find_weight_type(host->id_name(host->ctx, dtype));
    if (type == nullptr || type->is_float()) return false;
  }
  return true;
}

}  // namespace

RoundedValues::RoundedValues(const tn_host* host, const tn_subgraph& graph)
    : host_(host), graph_(graph), readers_(graph.n_tensors), last_(graph.n_tensors, 0) {
  for (uint32_t n = 0; n < graph.n_nodes; ++n)
    for (uint32_t i = 0; i < sdk::node_at(graph, n).n_in; ++i) add_reader(n, i);
}

void RoundedValues::add_reader(uint32_t node, uint32_t input) {
  const tn_node& reader = sdk::node_at(graph_, node);
  const uint32_t tensor = reader.in[input];
  if (tensor >= graph_.n_tensors) return;
  const uint32_t root = rows_of(tensor).root;
  readers_[root].push_back({tensor, takes_rounded(host_, graph_, reader, input)});
  last_[root] = node;
}

RoundedValues::Rows RoundedValues::rows_of(uint32_t tensor) const {
  const tn_tensor& t = sdk::tensor_at(graph_, tensor);
  Rows rows{tensor, 0, 1, t.stride[0]};
  for (uint32_t axis = 1; axis < t.rank; ++axis) rows.width *= t.dim[axis];
  for (uint32_t depth = 0; depth < graph_.n_tensors; ++depth) {
    const tn_tensor& of = sdk::tensor_at(graph_, rows.root);
    if (of.role != TN_ROLE_VIEW || of.view_of >= graph_.n_tensors) break;
    rows.offset += of.view_offset;
    rows.root = of.view_of;
  }
  return rows;
}

bool RoundedValues::only_rounded(uint32_t tensor) const {
  const tn_tensor& t = sdk::tensor_at(graph_, tensor);
  const Rows rows = rows_of(tensor);
  const bool live = std::find(graph_.live_out, graph_.live_out + graph_.n_live_out, tensor) !=
                    graph_.live_out + graph_.n_live_out;
  if (live || t.role != TN_ROLE_TEMP || t.rank < 2 || rows.step != rows.width * 4) return false;
  const std::vector<Reader>& readers = readers_[tensor];
  return !readers.empty() && std::all_of(readers.begin(), readers.end(), [&](const Reader& r) {
    return r.rounds && rows_of(r.tensor) == rows;
  });
}

bool RoundedValues::is_made(uint32_t tensor) const { return made_.contains(rows_of(tensor)); }

uint32_t RoundedValues::slot(uint32_t tensor, uint64_t bytes, uint32_t node) {
  const Rows rows = rows_of(tensor);
  if (const auto made = made_.find(rows); made != made_.end()) return made->second;
  auto free = std::find_if(slots_.begin(), slots_.end(),
                           [&](const Slot& slot) { return slot.last < node; });
  if (free == slots_.end()) free = slots_.insert(free, Slot{});
  free->bytes = std::max(free->bytes, bytes);
  free->last = std::max(last_[rows.root], node);
  return made_[rows] = static_cast<uint32_t>(free - slots_.begin());
}

std::vector<uint64_t> RoundedValues::slot_bytes() const {
  std::vector<uint64_t> bytes;
  for (const Slot& slot : slots_) bytes.push_back(slot.bytes);
  return bytes;
}

}  // namespace tenon::gpu
