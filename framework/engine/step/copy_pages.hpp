// Copying pages of the cache on every device that holds states of their group.
#pragma once

#include <span>

#include "framework/engine/step/kv_tables.hpp"
#include "framework/execution/context.hpp"

namespace tenon {

// Waits for the copies. Errors: those of the devices.
Status copy_pages(GraphContext& context, std::span<const PageCopy> copies);

}  // namespace tenon
