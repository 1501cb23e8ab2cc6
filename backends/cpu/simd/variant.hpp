// The instruction set this copy of the sources is compiled for:
// the names and the rank of its kernels.
#pragma once

#include <cstdint>

#if defined(__AVX512VNNI__)
#define TENON_CPU_VARIANT "avx512vnni"
#elif defined(__AVX2__)
#define TENON_CPU_VARIANT "avx2"
#else
#define TENON_CPU_VARIANT "baseline"
#endif

// The id of a kernel of this variant: TENON_CPU_ID("rms_norm") is "tenon.cpu.avx2.rms_norm".
#define TENON_CPU_ID(name) "tenon.cpu." TENON_CPU_VARIANT "." name

namespace tenon::cpu {

#if defined(__AVX512VNNI__)
inline constexpr std::int32_t k_score = 300;
#elif defined(__AVX2__)
inline constexpr std::int32_t k_score = 200;
#else
inline constexpr std::int32_t k_score = 100;
#endif

// Products and sums rounded apart give other bits than fused ones: another arithmetic.
#if defined(__FMA__)
inline constexpr const char* k_f32_arithmetic = "f32";
inline constexpr const char* k_int8_arithmetic = "int8x16.f32";
#else
inline constexpr const char* k_f32_arithmetic = "f32.unfused";
inline constexpr const char* k_int8_arithmetic = "int8x16.f32.unfused";
#endif

}  // namespace tenon::cpu
