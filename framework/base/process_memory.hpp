// What this process has taken from the system.
#pragma once

#include <cstdint>

namespace tenon {

// Writable memory of its own, reserved or used: heap, stacks and anonymous mappings; files that are
// mapped for reading are not in it. 0 where the system does not tell.
std::uint64_t private_bytes();

}  // namespace tenon
