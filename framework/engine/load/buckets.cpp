// What steps run on: caches, arenas, and the compiled shape buckets.
#include <algorithm>
#include <set>

#include "framework/base/stopwatch.hpp"
#include "framework/engine/load/loader.hpp"
#include "framework/graph/op_info.hpp"

namespace tenon {
namespace {

std::vector<tn_state_desc> kv_states(const LoadedModel& loaded, std::size_t target) {
  const GraphContext& context = loaded.context;
  std::set<std::uint32_t> here;
  for (std::size_t n = 0; n < context.graph.nodes.size(); ++n)
    if (context.placement.nodes[n].device == target && context.graph.nodes[n].op->updates >= 0)
      here.insert(context.graph.values[context.graph.nodes[n].out[0]].layer);
  const tn_id dtype = context.host->intern(TN_KIND_DTYPE, loaded.cache_dtype->name);
  std::vector<tn_state_desc> states;
  for (const std::uint32_t id : here) {
    const KvState& kv = loaded.model->declared().states.at(id);
    states.push_back({sizeof(tn_state_desc), TN_STATE_KV, id, kv.group, kv.n_kv_heads, kv.dk, kv.dv,
                      dtype, 0, 0, kv.window});
  }
  return states;
}

// Points at `states` and at the options.
tn_kv_desc kv_desc(const LoadedModel& loaded, const std::vector<tn_state_desc>& states) {
  tn_kv_desc desc{};
  desc.struct_size = sizeof(desc);
  desc.n_states = static_cast<std::uint32_t>(states.size());
  desc.state_stride = sizeof(tn_state_desc);
  desc.states = states.data();
  desc.n_pages = &loaded.options.kv_pages;
  desc.n_groups = 1;
  desc.page_positions = TN_PAGE_POSITIONS;
  return desc;
}

}  // namespace

std::vector<std::uint64_t> arena_blocks(std::span<const ShapeBucket> buckets, std::size_t target) {
  std::vector<std::uint64_t> most;
  for (const ShapeBucket& bucket : buckets) {
    const std::vector<std::uint64_t>& blocks = bucket.memory().devices[target].blocks;
    most.resize(std::max(most.size(), blocks.size()));
    for (std::size_t b = 0; b < blocks.size(); ++b) most[b] = std::max(most[b], blocks[b]);
  }
  return most;
}

Result<std::uint64_t> kv_bytes(const LoadedModel& loaded, std::size_t target) {
  const std::vector<tn_state_desc> states = kv_states(loaded, target);
  if (states.empty()) return 0;
  const Device& device = loaded.context.targets[target].device;
  const tn_kv_desc desc = kv_desc(loaded, states);
  std::uint64_t bytes = 0;
  loaded.context.host->take_error();
  const tn_status status = device.api().kv_size(device.handle(), &desc, &bytes);
  if (status != TN_OK) return tl::unexpected(device.error(status, "cannot hold the KV cache"));
  return bytes;
}

Status create_caches(LoadedModel& loaded) {
  GraphContext& context = loaded.context;
  for (std::size_t d = 0; d < context.targets.size(); ++d) {
    const std::vector<tn_state_desc> states = kv_states(loaded, d);
    context.kv.emplace_back();
    if (states.empty()) continue;
    const Device& device = context.targets[d].device;
    const tn_kv_desc desc = kv_desc(loaded, states);
    tn_kv* kv = nullptr;
    const auto exclusive = device.exclusive();
    context.host->take_error();
    const tn_status status = device.api().kv_create(device.handle(), &desc, &kv);
    if (status != TN_OK) return tl::unexpected(device.error(status, "cannot create the KV cache"));
    context.kv.back() = OwnedKv(device, kv);
  }
  return {};
}

Status allocate_arenas(GraphContext& context, std::span<const ShapeBucket> buckets) {
  for (std::size_t d = 0; d < context.targets.size(); ++d) {
    auto queue = DeviceQueue::open(context.targets[d].device);
    if (!queue) return fail(queue);
    context.queues.push_back(std::move(*queue));
    auto& arena = context.arenas.emplace_back();
    for (const std::uint64_t bytes : arena_blocks(buckets, d)) {
      auto block = allocate(context.targets[d].device, bytes, TN_USAGE_ACTIVATIONS);
      if (!block) return fail(block);
      arena.push_back(std::move(*block));
    }
  }
  std::uint64_t staging = 0;
  for (const ShapeBucket& b : buckets) staging = std::max(staging, b.memory().staging.bytes());
  context.staging.resize(staging);
  return {};
}

Status compile_buckets(LoadedModel& loaded, Devices& devices, LoadReport& report) {
  Stopwatch watch;
  MemoryUse& memory = report.memory;
  for (ShapeBucket& b : loaded.buckets) {
    if (Status s = report.at("compile", 0); !s) return s;
    if (Status s = b.compile(loaded.context); !s) return s;
    memory.scratch += b.scratch_bytes();
  }
  memory.planned += memory.scratch;
  report.timings.compile_ms = watch.lap_ms();
  return devices.reserve({{loaded.context.targets[0].device, memory.scratch}}, loaded.reservation);
}

}  // namespace tenon
