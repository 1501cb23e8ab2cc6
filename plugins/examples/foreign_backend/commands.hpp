// Commands of a submission, turned into work that no longer needs the host's arguments.
#pragma once

#include <functional>

#include "plan.hpp"

namespace foreign {

using Work = std::function<tn_status()>;

// Checks everything: work that was prepared can only fail with the device. Buffers of another
// memory are refused.
tn_status prepare(const tn_host* host, const Memory& memory, const tn_cmd* cmd, Work& out);

}  // namespace foreign
