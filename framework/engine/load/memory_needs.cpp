// What a planned model needs of each device.
#include <algorithm>
#include <numeric>

#include "framework/engine/load/caches.hpp"
#include "framework/engine/load/planning.hpp"
#include "framework/graph/op_info.hpp"
#include "framework/placement/abi_graph.hpp"

namespace tenon {
namespace {

struct WeightBytes {
  std::uint64_t packed = 0, uploaded = 0;
};

// A plain weight is used where it is mapped if the device can address it, else it is uploaded.
Result<WeightBytes> weight_bytes(const LoadedModel& loaded, std::size_t target) {
  const GraphContext& context = loaded.context;
  WeightBytes bytes;
  for (const WeightPlace& place : all_weights(context)) {
    if (place.device != target) continue;
    const auto bound = context.placement.weights.find(place);
    const bool packed = bound != context.placement.weights.end() && bound->second.packer != nullptr;
    const Value& value = context.graph.values[place.weight];
    if (!packed) {
      if (!context.targets[target].device.host_memory())
        bytes.uploaded += byte_size(value, Extents{});
      continue;
    }
    const tn_layout_desc& layout = *bound->second.packer;
    const tn_tensor tensor = to_abi(value, *context.host, Extents{});
    std::uint64_t size = 0, align = 0;
    const tn_status status = layout.packed_size(&layout, &tensor, &size, &align);
    if (status != TN_OK)
      return tl::unexpected(
          context.host->to_error(status, std::string(layout.id) + ": packed_size"));
    bytes.packed += size;
  }
  return bytes;
}

}  // namespace

Result<std::vector<MemoryNeed>> plan_needs(const LoadedModel& loaded, MemoryUse& memory) {
  const GraphContext& context = loaded.context;
  const ShapeBucket& largest = loaded.buckets.back();
  memory = {};
  memory.staging = largest.memory().staging.bytes();
  std::vector<MemoryNeed> needs;
  for (std::size_t d = 0; d < context.targets.size(); ++d) {
    const auto weights = weight_bytes(loaded, d);
    if (!weights) return fail(weights);
    const auto kv = kv_bytes(loaded, d, memory);
    if (!kv) return fail(kv);
    const std::vector<std::uint64_t> blocks = arena_blocks(loaded.buckets, d);
    const std::uint64_t activations =
        std::accumulate(blocks.begin(), blocks.end(), std::uint64_t{0});
    memory.weights_packed += weights->packed;
    memory.weights_uploaded += weights->uploaded;
    const std::uint64_t scratch = scratch_bytes(loaded.buckets, d);
    memory.activations += activations;
    memory.scratch += scratch;
    needs.push_back({context.targets[d].device,
                     weights->packed + weights->uploaded + *kv + activations + scratch});
    memory.planned += needs.back().bytes;
  }
  const auto host = std::find_if(needs.begin(), needs.end(),
                                 [](const MemoryNeed& n) { return n.device.host_memory(); });
  if (host != needs.end()) host->bytes += memory.staging;
  memory.planned += memory.staging;
  return needs;
}

}  // namespace tenon
