// Walks the nodes of a subgraph; nothing of the host's is kept but handles.
#include "backends/gpu/program.hpp"

#include <algorithm>
#include <tenon/sdk/device.hpp>

#include "backends/gpu/rounded_values.hpp"

namespace tenon::gpu {
namespace {

using Source = Operand::Source;

// Of a value that is not quantised; those types lie in weights, whose sizes are known.
uint64_t value_bytes(const char* dtype) {
  return sdk::same_text(dtype, "f16") || sdk::same_text(dtype, "bf16") ? 2 : 4;
}

// From the first byte of a tensor to its last, at its bounds, in whole words.
uint64_t reach(const tn_tensor& t, uint64_t value) {
  uint64_t bytes = value;
  for (uint32_t axis = 0; axis < t.rank; ++axis) {
    if (t.dim[axis] == 0) return 0;
    bytes += static_cast<uint64_t>(t.dim[axis] - 1) * static_cast<uint64_t>(t.stride[axis]);
  }
  return (bytes + 3) / 4 * 4;
}

class Compiler {
 public:
  Compiler(const Target& target, const tn_subgraph& graph, const tn_compile_opts& opts,
           Program& out)
      : target_(target), graph_(graph), opts_(opts), out_(out), rounded_(target.host(), graph) {}

  tn_status run();

 private:
  bool only_sizes() const { return (opts_.flags & TN_COMPILE_SIZES) != 0; }
  tn_status add_node(const tn_node& node);
  tn_status take_tensors(const tn_node& node);
  tn_status find_dispatches(const tn_node& node, std::vector<Dispatch>& out) const;
  bool weights_are_near(const tn_node& node, uint32_t n) const;
  uint32_t tensor_of(uint32_t operand) const;
  bool only_repeats(const Dispatch& dispatch) const;
  void find_rounded(const Buffer& buffer, Operand& out);
  void place_rounded();
  void take_scratch(const std::vector<Dispatch>& dispatches);
  tn_status add_launch(const Dispatch& dispatch);
  tn_status add_split(const Dispatch& dispatch, Launch launch);
  tn_status add_parts(const Dispatch& dispatch, const Launch& launch);
  tn_status set_grid(const Grid& grid, Launch& launch);
  tn_status find_operand(const Buffer& buffer, Operand& out);
  tn_status find_state(const tn_tensor& t, const Buffer& buffer, Operand& out);
  tn_status place(const tn_tensor& t, Operand& out);
  tn_status place_weight(const tn_tensor& root, Operand& out) const;
  tn_status refuse(tn_status status, const std::string& why) const {
    return sdk::fail(target_.host(), status, (out_.names[node_] + ": " + why).c_str());
  }

  const Target& target_;
  const tn_subgraph& graph_;
  const tn_compile_opts& opts_;
  Program& out_;
  uint32_t node_ = 0;
  std::vector<const tn_tensor*> tensors_;  // of the node: inputs, then outputs
  std::vector<uint64_t> scratch_;          // of the node: where each begins
  RoundedValues rounded_;
};

tn_status Compiler::run() {
  out_.bounds.fill(-1);
  out_.binding_bytes.assign(graph_.n_bindings, 0);
  out_.n_nodes = graph_.n_nodes;
  for (uint32_t i = 0; i < graph_.n_weights; ++i) {
    const tn_weight* weight = graph_.weights[i];
    if (weight == nullptr ? !only_sizes() : !target_.weight_bytes(weight))
      return sdk::fail(target_.host(), TN_ERR_INVALID, "a weight is absent, or of another device");
  }
  for (uint32_t i = 0; i < graph_.n_nodes; ++i) {
    const char* name = sdk::node_at(graph_, i).name;
    out_.names.emplace_back(name != nullptr ? name : "a node");
  }
  for (node_ = 0; node_ < graph_.n_nodes; ++node_)
    if (const tn_status status = add_node(sdk::node_at(graph_, node_)); status != TN_OK)
      return status;
  place_rounded();
  return TN_OK;
}

tn_status Compiler::add_node(const tn_node& node) {
  if (const tn_status status = take_tensors(node); status != TN_OK) return status;
  std::vector<Dispatch> dispatches;
  if (const tn_status status = find_dispatches(node, dispatches); status != TN_OK) return status;
  std::erase_if(dispatches, [&](const Dispatch& d) { return only_repeats(d); });
  take_scratch(dispatches);
  for (const Dispatch& d : dispatches)
    if (const tn_status status = add_launch(d); status != TN_OK) return status;
  return TN_OK;
}

tn_status Compiler::find_dispatches(const tn_node& node, std::vector<Dispatch>& out) const {
  NodeView view{target_.host(), &node, tensors_.data(), node.n_in, node.n_out, &target_.limits()};
  const Op* op = find_op(view.name(node.op));
  const uint32_t n_tiled = op != nullptr && node.bound == nullptr ? op->n_weights : 0;
  for (uint32_t i = 0; i < n_tiled && i < node.n_in; ++i)
    if (tensors_[i] == nullptr || !r16_of(target_.host(), *tensors_[i]))
      return refuse(TN_ERR_UNSUPPORTED, "its weights are not in the layout of this device");
  view.near = n_tiled > 1 && weights_are_near(node, n_tiled);
  const bool can = op != nullptr && op->can_round && node.n_out > 0 && node.bound == nullptr;
  view.rounded = can && rounded_.only_rounded(node.out[node.n_out - 1]);
  if ((view.rounded || view.near) && dispatches_of(target_, view, out) == TN_OK) return TN_OK;
  view.rounded = view.near = false;
  out.clear();
  return dispatches_of(target_, view, out);
}

bool Compiler::weights_are_near(const tn_node& node, uint32_t n) const {
  std::vector<const tn_weight*> weights;
  for (uint32_t i = 0; i < n; ++i) {
    const tn_tensor& t = *tensors_[i];
    if (t.role != TN_ROLE_WEIGHT || t.weight >= graph_.n_weights) return false;
    weights.push_back(graph_.weights[t.weight]);
    if (weights.back() == nullptr || target_.part_bytes(*r16_of(target_.host(), t)) != 0)
      return false;
  }
  return n == node.n_in - 1 && target_.lie_near(weights);
}

uint32_t Compiler::tensor_of(uint32_t operand) const {
  const tn_node& node = sdk::node_at(graph_, node_);
  return operand < node.n_in ? node.in[operand] : node.out[operand - node.n_in];
}

// It rounds what is rounded already, and does nothing else.
bool Compiler::only_repeats(const Dispatch& dispatch) const {
  uint32_t repeated = 0, written = 0;
  for (const Buffer& b : dispatch.buffers) {
    if (!b.writes) continue;
    ++written;
    if (b.part == Part::rounded && rounded_.is_made(tensor_of(b.index))) ++repeated;
  }
  return repeated > 0 && repeated == written;
}

tn_status Compiler::take_tensors(const tn_node& node) {
  tensors_.clear();
  for (uint32_t i = 0; i < node.n_in + node.n_out; ++i) {
    const uint32_t t = i < node.n_in ? node.in[i] : node.out[i - node.n_in];
    if (t != TN_NONE && t >= graph_.n_tensors) return refuse(TN_ERR_INVALID, "no such tensor");
    if (t == TN_NONE && i >= node.n_in) return refuse(TN_ERR_INVALID, "it has no result");
    tensors_.push_back(t != TN_NONE ? &sdk::tensor_at(graph_, t) : nullptr);
  }
  return TN_OK;
}

// Nodes run one after another, so they share their scratch.
void Compiler::take_scratch(const std::vector<Dispatch>& dispatches) {
  std::vector<uint64_t> sizes;
  for (const Dispatch& d : dispatches)
    for (const Buffer& b : d.buffers)
      if (b.part == Part::scratch) {
        sizes.resize(std::max<size_t>(sizes.size(), b.index + 1));
        sizes[b.index] = std::max(sizes[b.index], b.bytes);
      }
  uint64_t bytes = 0;
  scratch_.clear();
  for (const uint64_t size : sizes) {
    scratch_.push_back(bytes);
    bytes += aligned(size);
  }
  out_.scratch_bytes = std::max(out_.scratch_bytes, bytes);
}

tn_status Compiler::add_launch(const Dispatch& dispatch) {
  Launch launch;
  launch.node = node_;
  launch.local = dispatch.local;
  KernelKey key = key_of(dispatch);
  const auto known = std::find(out_.keys.begin(), out_.keys.end(), key);
  launch.key = static_cast<uint32_t>(known - out_.keys.begin());
  if (known == out_.keys.end()) out_.keys.push_back(std::move(key));
  std::copy(dispatch.push.begin(), dispatch.push.end(), launch.push.begin() + k_first_own_word);
  for (const Buffer& buffer : dispatch.buffers)
    if (const tn_status status = find_operand(buffer, launch.operands.emplace_back());
        status != TN_OK)
      return status;
  return add_split(dispatch, std::move(launch));
}

// One launch, or one for each range of a weight that is too large to be bound at once.
tn_status Compiler::add_split(const Dispatch& dispatch, Launch launch) {
  bool in_parts = false;
  for (uint32_t i = 0; i < launch.operands.size(); ++i) {
    const Operand& operand = launch.operands[i];
    if (operand.bytes <= target_.limits().max_range && operand.part_bytes == 0) continue;
    if (static_cast<int32_t>(i) != dispatch.split)
      return refuse(TN_ERR_UNSUPPORTED, "an operand is larger than a binding may be");
    in_parts = true;
  }
  if (in_parts) return add_parts(dispatch, launch);
  const tn_status status = set_grid(dispatch.groups, launch);
  if (status == TN_OK) out_.launches.push_back(std::move(launch));
  return status;
}

tn_status Compiler::add_parts(const Dispatch& dispatch, const Launch& launch) {
  const Operand& split = launch.operands[static_cast<size_t>(dispatch.split)];
  const uint64_t most = split.part_bytes != 0 ? split.part_bytes : target_.limits().max_range;
  const uint64_t tile = split.tile_bytes;
  const uint64_t unit = dispatch.split_rows / R16::k_rows;  // tiles of a group
  const uint64_t tiles_of_part = tile != 0 && unit != 0 ? most / tile / unit * unit : 0;
  const bool parts_fit = split.part_bytes == 0 || tiles_of_part * tile == split.part_bytes;
  if (tiles_of_part == 0 || !parts_fit)
    return refuse(TN_ERR_UNSUPPORTED, "a weight is larger than a binding may be");
  const uint64_t tiles = split.bytes / tile;
  for (uint64_t first = 0; first < tiles; first += tiles_of_part) {
    const uint64_t n = std::min(tiles_of_part, tiles - first);
    Launch part = launch;
    Operand& bound = part.operands[static_cast<size_t>(dispatch.split)];
    bound.offset += first * tile;
    bound.bytes = n * tile;
    part.push[k_first_own_word - 1] = static_cast<uint32_t>(first * R16::k_rows);
    Grid grid = dispatch.groups;
    grid[dispatch.split_axis] = {static_cast<uint32_t>((n + unit - 1) / unit), TN_SYM_STATIC, 1};
    if (const tn_status status = set_grid(grid, part); status != TN_OK) return status;
    out_.launches.push_back(std::move(part));
  }
  return TN_OK;
}

// Grids that follow no extent are numbers from here on; the others must fit at their bounds.
tn_status Compiler::set_grid(const Grid& grid, Launch& launch) {
  const std::array<uint32_t, 3> most = groups_of(grid, opts_.max_syms, opts_.n_syms);
  for (uint32_t axis = 0; axis < 3; ++axis)
    if (most[axis] > target_.limits().max_groups[axis])
      return refuse(TN_ERR_UNSUPPORTED, "its grid is larger than the device's");
  const auto is_fixed = [](const Groups& g) { return g.sym == TN_SYM_STATIC; };
  launch.groups = most;
  if (std::all_of(grid.begin(), grid.end(), is_fixed)) return TN_OK;
  const auto known = std::find(out_.grids.begin(), out_.grids.end(), grid);
  launch.grid = static_cast<uint32_t>(known - out_.grids.begin());
  if (known == out_.grids.end()) out_.grids.push_back(grid);
  return TN_OK;
}

tn_status Compiler::find_operand(const Buffer& buffer, Operand& out) {
  out.writes = buffer.writes;
  out.shares = buffer.shares;
  if (buffer.part == Part::rounded) return find_rounded(buffer, out), TN_OK;
  if (buffer.part == Part::scratch) {
    out.source = Source::scratch;
    out.offset = scratch_[buffer.index];
    out.bytes = buffer.bytes;
    return TN_OK;
  }
  const tn_tensor* t = buffer.index < tensors_.size() ? tensors_[buffer.index] : nullptr;
  if (t == nullptr) return refuse(TN_ERR_INVALID, "a dispatch names an absent operand");
  if (buffer.part != Part::tensor) return find_state(*t, buffer, out);
  if (t->sym[0] < out_.bounds.size() && t->sym[0] != TN_SYM_STATIC) {
    int64_t& bound = out_.bounds[t->sym[0]];
    bound = bound < 0 ? t->dim[0] : std::min(bound, t->dim[0]);
  }
  out.bytes = reach(*t, value_bytes(target_.host()->id_name(target_.host()->ctx, t->dtype)));
  return place(*t, out);
}

// Its place follows when all are known.
void Compiler::find_rounded(const Buffer& buffer, Operand& out) {
  out.source = Source::scratch;
  out.bytes = buffer.bytes;
  out.index = rounded_.slot(tensor_of(buffer.index), buffer.bytes, node_);
  out.is_rounded = true;
}

// Behind the scratch of single nodes.
void Compiler::place_rounded() {
  std::vector<uint64_t> begins;
  uint64_t end = aligned(out_.scratch_bytes);
  for (const uint64_t bytes : rounded_.slot_bytes()) {
    begins.push_back(end);
    end += aligned(bytes);
  }
  if (begins.empty()) return;
  out_.scratch_bytes = end;
  for (Launch& launch : out_.launches)
    for (Operand& operand : launch.operands)
      if (operand.is_rounded) operand.offset = begins[operand.index];
}

tn_status Compiler::find_state(const tn_tensor& t, const Buffer& buffer, Operand& out) {
  if (t.role != TN_ROLE_STATE) return refuse(TN_ERR_INVALID, "a state that is none");
  out.source = buffer.part == Part::keys ? Source::keys : Source::values;
  out.index = t.state;
  for (const Program::State& state : out_.states)
    if (state.id == t.state) return TN_OK;
  out_.states.push_back({t.state, t.dtype, {t.dim[0], t.dim[1], t.dim[2]}});
  return TN_OK;
}

// Follows views to their root, and the root to its binding or weight.
tn_status Compiler::place(const tn_tensor& t, Operand& out) {
  const tn_tensor* root = &t;
  for (uint32_t depth = 0; root->role == TN_ROLE_VIEW; ++depth) {
    if (root->view_of >= graph_.n_tensors || depth == graph_.n_tensors)
      return refuse(TN_ERR_INVALID, "a view of nothing");
    out.offset += root->view_offset;
    root = &sdk::tensor_at(graph_, root->view_of);
  }
  if (out.offset % 4 != 0) return refuse(TN_ERR_UNSUPPORTED, "a view between words");
  if (root->role == TN_ROLE_WEIGHT) return place_weight(*root, out);
  if (root->role != TN_ROLE_INPUT && root->role != TN_ROLE_OUTPUT && root->role != TN_ROLE_TEMP)
    return refuse(TN_ERR_UNSUPPORTED, "an operand of an unknown role");
  out.index = root->binding;
  out.offset += root->offset;
  if (out.index >= graph_.n_bindings || root->offset % k_alignment != 0)
    return refuse(TN_ERR_INVALID, "an operand has no place in memory, or none of 256 bytes");
  uint64_t& needed = out_.binding_bytes[out.index];
  needed = std::max(needed, out.offset + out.bytes);
  return TN_OK;
}

tn_status Compiler::place_weight(const tn_tensor& root, Operand& out) const {
  if (root.weight >= graph_.n_weights) return refuse(TN_ERR_INVALID, "no such weight");
  out.source = Source::weight;
  out.weight = graph_.weights[root.weight];
  if (const std::optional<R16> tiles = r16_of(target_.host(), root)) {
    out.tile_bytes = tiles->row_tile_bytes();
    out.part_bytes = target_.part_bytes(*tiles);
    out.bytes = tiles->bytes();
  }
  if (out.weight == nullptr) return TN_OK;  // only sizes are asked for
  const uint64_t stored = *target_.weight_bytes(out.weight);
  if (root.rank == 2 && out.tile_bytes == 0 && out.offset == 0) out.bytes = stored;  // blocks
  if (out.offset > stored || out.bytes > stored - out.offset)
    return refuse(TN_ERR_INVALID, "a view leaves its weight");
  return TN_OK;
}

}  // namespace

KernelKey key_of(const Dispatch& d) { return {d.kernel, d.constants, d.constant_ids, d.code}; }

std::array<uint32_t, 3> groups_of(const Grid& grid, const int64_t* syms, uint32_t n_syms) {
  std::array<uint32_t, 3> groups{};
  for (uint32_t axis = 0; axis < 3; ++axis) {
    const Groups& g = grid[axis];
    const bool known = g.sym != TN_SYM_STATIC && syms != nullptr && g.sym < n_syms;
    const uint64_t extent = known ? static_cast<uint64_t>(syms[g.sym]) : g.unit;
    groups[axis] = static_cast<uint32_t>(
        std::min<uint64_t>(g.fixed * ((extent + g.unit - 1) / g.unit), UINT32_MAX));
  }
  return groups;
}

std::array<uint32_t, 3> groups_of(const Program& program, const Launch& launch, const int64_t* syms,
                                  uint32_t n_syms) {
  if (launch.grid == TN_NONE) return launch.groups;
  return groups_of(program.grids[launch.grid], syms, n_syms);
}

tn_status compile(const Target& target, const tn_subgraph& graph, const tn_compile_opts& opts,
                  Program& out) {
  return Compiler(target, graph, opts, out).run();
}

}  // namespace tenon::gpu
