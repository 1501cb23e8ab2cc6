// The commands of the contract: what each needs, and how it is enqueued. One row per command.
#pragma once

#include "job.hpp"
#include "memory.hpp"

namespace tenon::opencl {

// Refuses what does not fit.
tn_status check_command(Gpu& gpu, const Memory& memory, const tn_cmd* cmd);
// Enqueues a command that was checked.
tn_status enqueue_command(Gpu& gpu, const tn_cmd* cmd, Job& job);

}  // namespace tenon::opencl
