// Everything that a pack says is checked here: what is recorded is never outside of an operand's range
// of bindings, words or constants.
#include "backends/gpu/slot.hpp"

#include <algorithm>

namespace tenon::gpu {
namespace {

constexpr uint32_t k_n_syms = 16;  // extents in the step block

const char* add_buffers(const NodeView& node, const tn_gpu_launch& launch, Dispatch& out) {
  const uint32_t all = (launch.reads | launch.writes) & ~TN_GPU_SCRATCH;
  const uint32_t n = node.n_in + node.n_out;
  if (n < 32 && all >> n != 0) return "it names an operand that the node does not have";
  for (uint32_t i = 0; i < n && i < 31; ++i) {
    if ((all >> i & 1u) == 0) continue;
    const bool writes = (launch.writes >> i & 1u) != 0;
    if (node.t[i] == nullptr) return "it names an operand that is absent";
    if (node.t[i]->role == TN_ROLE_STATE) return "it names a state";
    if (writes && i < node.n_in) return "it writes an input";
    out.buffers.push_back({.index = i, .writes = writes});
  }
  if (((launch.reads | launch.writes) & TN_GPU_SCRATCH) == 0) return nullptr;
  if (launch.scratch_bytes == 0 || launch.scratch_bytes > node.limits->max_range)
    return "it has scratch of no bytes, or of more than a binding may have";
  const uint64_t bytes = (launch.scratch_bytes + 3) / 4 * 4;
  out.buffers.push_back({.index = 0,
                         .part = Part::scratch,
                         .writes = (launch.writes & TN_GPU_SCRATCH) != 0,
                         .bytes = bytes});
  return nullptr;
}

}  // namespace

tn_gpu_limits limits_of(const Limits& limits) {
  tn_gpu_limits out{};
  out.struct_size = sizeof out;
  out.max_range = limits.max_range;
  out.max_shared = limits.max_shared;
  out.max_invocations = limits.max_invocations;
  std::copy(limits.max_groups.begin(), limits.max_groups.end(), out.max_groups);
  return out;
}

const char* to_dispatch(const NodeView& node, const tn_gpu_launch& launch, Dispatch& out) {
  if (launch.n_constants > TN_GPU_MAX_CONSTANTS) return "it has too many constants";
  if (launch.n_words > TN_GPU_MAX_WORDS) return "it has too many words";
  out.constants.assign(launch.constants, launch.constants + launch.n_constants);
  out.constant_ids.assign(launch.constant_ids, launch.constant_ids + launch.n_constants);
  out.push.assign(launch.words, launch.words + launch.n_words);
  for (uint32_t axis = 0; axis < 3; ++axis) {
    const tn_gpu_groups& groups = launch.groups[axis];
    if (groups.unit == 0 || groups.sym >= k_n_syms) return "it has a grid that nobody can count";
    out.groups[axis] = {groups.fixed, groups.sym, groups.unit};
  }
  return add_buffers(node, launch, out);
}

bool needs(const tn_kernel_desc& kernel, const char* feature) {
  for (const char* const* need = kernel.needs; need != nullptr && *need != nullptr; ++need)
    if (sdk::same_text(*need, feature)) return true;
  return false;
}

}  // namespace tenon::gpu
