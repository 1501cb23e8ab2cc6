// What steps run on: arenas, and the compiled shape buckets.
#include <algorithm>

#include "framework/base/stopwatch.hpp"
#include "framework/engine/load/loader.hpp"

namespace tenon {

Status allocate_arenas(GraphContext& context, std::span<const ShapeBucket> buckets) {
  for (std::size_t d = 0; d < context.targets.size(); ++d) {
    std::uint64_t bytes = 0;
    for (const ShapeBucket& b : buckets) bytes = std::max(bytes, b.memory().devices[d].bytes);
    auto queue = DeviceQueue::open(context.targets[d].device);
    if (!queue) return fail(queue);
    auto arena = allocate(context.targets[d].device, bytes, TN_USAGE_ACTIVATIONS);
    if (!arena) return fail(arena);
    context.queues.push_back(std::move(*queue));
    context.arenas.push_back(std::move(*arena));
  }
  std::uint64_t staging = 0;
  for (const ShapeBucket& b : buckets) staging = std::max(staging, b.memory().staging.bytes);
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
