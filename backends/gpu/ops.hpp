// Which nodes a GPU runs, and as which dispatches: one row per op, shared by all GPU backends.
#pragma once

#include <span>
#include <string_view>
#include <tenon/sdk/plugin.hpp>
#include <vector>

#include "backends/gpu/dispatch.hpp"

namespace tenon::gpu {

// Layout of every matrix of weights: what supports() answers and weight_put is asked for.
inline constexpr const char* k_weight_layout = "tenon.r16/1";

// What a device can do, as far as dispatches depend on it.
struct Limits {
  uint64_t max_range = 128u << 20;  // bytes that one binding may have
  uint32_t max_shared = 32768;      // bytes of shared memory of a work-group
  uint32_t max_invocations = 256;   // of a work-group
  std::array<uint32_t, 3> max_groups = {65535, 65535, 65535};
  uint32_t enough_lanes = 32768;  // that keep it busy; beyond it a lane rather does more
  uint32_t free_lanes = 256;      // of a work-group whose lanes have nothing in common
  uint32_t tree_lanes = 256;      // of one whose lanes are summed by a tree of barriers
  uint32_t most_tiles = 4;        // rows of weights that a lane may take whole
};

// A node as it is asked about or compiled.
struct NodeView {
  const tn_host* host;
  const tn_node* node;
  const tn_tensor* const* t;  // inputs, then outputs; NULL for an absent operand
  uint32_t n_in, n_out;       // with the absent ones, so that numbers of operands are those of `t`
  const Limits* limits;
  bool near = false;     // its matrices of weights lie in one range that can be bound
  bool rounded = false;  // the last output is read as Part::rounded only: nothing else need be made

  const tn_tensor* in(uint32_t i) const { return i < n_in ? t[i] : nullptr; }
  const tn_tensor& out(uint32_t i = 0) const { return *t[n_in + i]; }
  const char* name(tn_id id) const { return host->id_name(host->ctx, id); }
  const char* dtype(const tn_tensor& tensor) const { return name(tensor.dtype); }
  tn_status decline(const char* why) const { return sdk::fail(host, TN_ERR_UNSUPPORTED, why); }
};

// Appends the dispatches of a node, in order, each of which may read what those before it wrote.
// Anything but TN_OK: the device does not run this node, and set_error says why. Called with
// operands that fit one of the declarations; plain ones have a contiguous last axis.
using MakeDispatches = tn_status (*)(const NodeView& node, std::vector<Dispatch>& out);

struct Op {
  std::span<const tn_op_decl> decls;  // the types it takes; all name the same op
  MakeDispatches make = nullptr;
  uint32_t n_weights = 0;    // so many leading operands are matrices of weights in k_weight_layout
  bool any_strides = false;  // the op looks at strides itself, those of the last axis included
  bool can_round = false;    // it honours NodeView::rounded
};

// The row of an op; NULL: no GPU kernel computes it.
const Op* find_op(std::string_view name);

// Why no kernel takes an operand of the node, or NULL: what every kernel's operands must be like.
// `n_weights` leading ones are matrices of weights.
const char* unsuitable_operand(const NodeView& node, uint32_t n_weights, bool any_strides);

// What supports() and compile both ask: the checks that all ops share, then the op's own.
tn_status make_dispatches(const NodeView& node, std::vector<Dispatch>& out);

// The table behind tn_backend_factory.ops.
uint32_t declare_ops(const tn_op_decl* const** out) noexcept;

}  // namespace tenon::gpu
