// Kernels that packs bring for the slot of a GPU: what the contract says of a launch
// (tenon/abi/slots/gpu.h) as a Dispatch.
#pragma once

#include <tenon/abi/kernels.h>
#include <tenon/abi/slots/gpu.h>

#include <array>

#include "backends/gpu/ops.hpp"

namespace tenon::gpu {

static_assert(TN_GPU_MAX_BUFFERS == k_max_buffers);
static_assert(TN_GPU_MAX_WORDS == k_push_words - k_first_own_word);

tn_gpu_limits limits_of(const Limits& limits);

// Sets all of `out` that is not code. Why the launch cannot be taken, or NULL.
const char* to_dispatch(const NodeView& node, const tn_gpu_launch& launch, Dispatch& out);

// Whether the bound kernel says that it needs a feature.
bool needs(const tn_kernel_desc& kernel, const char* feature);

// Asks the bound kernel, whose table is Kernel (tn_vk_kernel, tn_cl_kernel), for its launches, and
// appends them. `take` puts the code of a launch into its Dispatch, or says why not.
template <class Kernel, class Launch, class Take>
tn_status ask_pack(const NodeView& node, uint32_t least_size, Take take,
                   std::vector<Dispatch>& out) {
  const tn_kernel_desc& bound = *node.node->bound;
  const Op* op = find_op(node.name(node.node->op));
  if (sdk::must_decline(node.node->flags)) return node.decline("unknown flags");
  if (const char* why = unsuitable_operand(node, op != nullptr ? op->n_weights : 0, true))
    return node.decline(why);
  const auto& kernel = *static_cast<const Kernel*>(bound.impl);
  const tn_node_query query{sizeof query, node.n_in, node.host, node.node, node.t, node.n_out, 0};
  const tn_gpu_limits limits = limits_of(*node.limits);
  std::array<Launch, TN_GPU_MAX_LAUNCHES> launches{};
  for (Launch& launch : launches) launch.struct_size = sizeof launch;
  uint32_t n = 0;
  const tn_status status =
      kernel.dispatches(&query, &limits, launches.data(), sizeof(Launch), TN_GPU_MAX_LAUNCHES, &n);
  if (status != TN_OK) return status;
  if (n == 0 || n > TN_GPU_MAX_LAUNCHES) return node.decline("it has no launches, or too many");
  for (uint32_t i = 0; i < n; ++i) {
    const bool known = launches[i].struct_size >= least_size;
    if (!known || sdk::must_decline(launches[i].flags)) return node.decline("an unknown launch");
    Dispatch dispatch;
    dispatch.kernel = bound.id;
    const char* why = to_dispatch(node, launches[i].launch, dispatch);
    if (why != nullptr) return node.decline(why);
    if (const tn_status taken = take(launches[i], dispatch); taken != TN_OK) return taken;
    out.push_back(std::move(dispatch));
  }
  return TN_OK;
}

}  // namespace tenon::gpu
