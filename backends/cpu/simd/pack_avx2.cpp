// The kernel pack cpu/avx2.
#include <tenon/sdk/kernel.hpp>

#include "backends/cpu/simd/kernel_list.hpp"

TENON_KERNEL_PACK("tenon.cpu.avx2", "0.1.0", "Tenon", "avx2", "\"avx2\",\"fma\",\"f16c\"",
                  tenon::cpu::k_kernels, tenon::cpu::k_layouts)
