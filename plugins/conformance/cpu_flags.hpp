// Which instruction sets this machine offers, as the kernel of the OS lists them.
#pragma once

#include <string>

namespace tenon::conformance {

// "avx512vnni" or "cpu.avx512vnni"; names of another prefix are taken to be there.
bool machine_has(std::string feature);

}  // namespace tenon::conformance
