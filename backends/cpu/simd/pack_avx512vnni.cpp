// The kernel pack cpu/avx512vnni.
#include <tenon/sdk/kernel.hpp>

#include "backends/cpu/simd/kernel_list.hpp"

TENON_KERNEL_PACK("tenon.cpu.avx512vnni", "0.1.0", "Tenon", "avx512vnni",
                  "\"avx512f\",\"avx512bw\",\"avx512vl\",\"avx512dq\",\"avx512vnni\",\"avx2\","
                  "\"fma\",\"f16c\",\"bmi2\"",
                  tenon::cpu::k_kernels, tenon::cpu::k_layouts)
