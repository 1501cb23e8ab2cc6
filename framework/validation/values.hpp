// The values of timelines, as host and work signal them.
#pragma once

#include <atomic>
#include <cstdint>

namespace tenon::validation {

class Call;
struct Handle;

// To the larger of the two.
void raise(std::atomic<std::uint64_t>& value, std::uint64_t to);
// Reports a value that is not above the last one, or too far above it.
void check_rises(Call& call, const Handle& timeline, std::uint64_t value);

}  // namespace tenon::validation
