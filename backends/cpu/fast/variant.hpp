// The instruction set this copy of the sources is compiled for: the names and the rank of its
// kernels.
#pragma once

#include <cstdint>

#if defined(__AVX512VNNI__)
#define TENON_CPU_VARIANT "avx512vnni"
#else
#define TENON_CPU_VARIANT "avx2"
#endif

// The id of a kernel of this variant: TENON_CPU_ID("rms_norm") is "tenon.cpu.avx2.rms_norm".
#define TENON_CPU_ID(name) "tenon.cpu." TENON_CPU_VARIANT "." name

namespace tenon::cpu {

#if defined(__AVX512VNNI__)
inline constexpr std::int32_t k_score = 300;
#else
inline constexpr std::int32_t k_score = 200;
#endif

}  // namespace tenon::cpu
