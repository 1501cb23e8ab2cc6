// What steps run on: arenas, and the compiled shape buckets.
#include <algorithm>

#include "framework/base/stopwatch.hpp"
#include "framework/engine/load/loader.hpp"

namespace tenon {

std::vector<std::uint64_t> arena_blocks(std::span<const ShapeBucket> buckets, std::size_t target) {
  std::vector<std::uint64_t> most;
  for (const ShapeBucket& bucket : buckets) {
    const std::vector<std::uint64_t>& blocks = bucket.memory().devices[target].blocks;
    most.resize(std::max(most.size(), blocks.size()));
    for (std::size_t b = 0; b < blocks.size(); ++b) most[b] = std::max(most[b], blocks[b]);
  }
  return most;
}

std::uint64_t scratch_bytes(std::span<const ShapeBucket> buckets, std::size_t target) {
  std::uint64_t bytes = 0;
  for (const ShapeBucket& bucket : buckets) bytes += bucket.scratch()[target];
  return bytes;
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
  const std::vector<Target>& targets = loaded.context.targets;
  const auto scratch = [&](std::size_t target) { return scratch_bytes(loaded.buckets, target); };
  std::vector<std::uint64_t> reserved;
  for (std::size_t d = 0; d < targets.size(); ++d) reserved.push_back(scratch(d));
  for (ShapeBucket& b : loaded.buckets) {
    if (Status s = report.at("compile", 0); !s) return s;
    if (Status s = b.compile(loaded.context); !s) return s;
  }
  std::vector<MemoryNeed> needs;
  for (std::size_t d = 0; d < targets.size(); ++d)
    if (scratch(d) > reserved[d]) needs.push_back({targets[d].device, scratch(d) - reserved[d]});
  for (const MemoryNeed& need : needs) {
    report.memory.scratch += need.bytes;
    report.memory.planned += need.bytes;
  }
  report.timings.compile_ms = watch.lap_ms();
  return devices.reserve(needs, loaded.reservation);
}

}  // namespace tenon
