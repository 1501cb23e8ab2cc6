// The KV cache of a loaded model: groups of states, the pages of each, and what they take.
#pragma once

#include <cstdint>

#include "framework/engine/load/loaded_model.hpp"

namespace tenon {

// What sequences may take of a group at once, unless kv_pages of the options says less: a whole
// context each, or a window each and the rows of a step.
std::uint64_t pages_in_use(const LoadOptions& options, std::int64_t window);

// Fills loaded.kv_groups.
void plan_groups(LoadedModel& loaded);

// Adds the cache of a target to memory.kv and memory.kv_groups; gives its bytes.
Result<std::uint64_t> kv_bytes(const LoadedModel& loaded, std::size_t target, MemoryUse& memory);

Status create_caches(LoadedModel& loaded);

}  // namespace tenon
