// The kernel pack cpu/baseline: any x86-64 machine.
#include <tenon/sdk/kernel.hpp>

#include "backends/cpu/simd/kernel_list.hpp"

TENON_KERNEL_PACK("tenon.cpu.baseline", "0.1.0", "Tenon", "baseline", "", tenon::cpu::k_kernels,
                  tenon::cpu::k_layouts)
