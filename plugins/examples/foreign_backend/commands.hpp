// Commands of a submission, turned into work that no longer needs the host's arguments.
#pragma once

#include <functional>

#include "plan.hpp"

namespace foreign {

using Work = std::function<tn_status(const Stop& stop)>;

// Checks everything that can be checked before the work is due.
tn_status prepare(const tn_host* host, const tn_cmd* cmd, Work& out);

}  // namespace foreign
