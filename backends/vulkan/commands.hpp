// The commands of the contract: what each needs, and how it is recorded. One row per command.
#pragma once

#include "memory.hpp"
#include "recorder.hpp"

namespace tenon::vulkan {

struct Staging {
  uint64_t up = 0, down = 0;  // bytes
};

// Refuses what does not fit; adds what it takes of the job's staging memory.
tn_status check_command(Gpu& gpu, const Memory& memory, const tn_cmd* cmd, Staging& needs);
// Records a command that was checked.
tn_status record_command(Gpu& gpu, const tn_cmd* cmd, Recorder& recorder);

}  // namespace tenon::vulkan
