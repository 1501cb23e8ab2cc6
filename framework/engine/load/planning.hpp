// The steps of planning a model on its devices.
#pragma once

#include "framework/engine/load/loader.hpp"

namespace tenon {

// With loaded.options: the graph, where its nodes run, the partitions. Bounds the batch by what the
// devices can bind, and sets split->layers to how many there are.
Status plan_graph(LoadedModel& loaded, const Catalog& catalog, const LoadReport& report);
Status plan_buckets(LoadedModel& loaded, const LoadReport& report);
// The kernels of each bucket; then the devices know what its plans will take.
Status bind_buckets(LoadedModel& loaded, const Catalog& catalog, const LoadReport& report);
// What loaded.options need of each device; the pools go into `memory`.
Result<std::vector<MemoryNeed>> plan_needs(const LoadedModel& loaded, MemoryUse& memory);

// All of these, with a context and as many layers on the home device as fit, and the memory
// reserved. Errors: ErrorCode::limit with needed and available.
Status fit_into_memory(LoadedModel& loaded, Devices& devices, LoadReport& report);

}  // namespace tenon
