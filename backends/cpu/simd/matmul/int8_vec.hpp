// Byte vectors of this variant and the dot products over half blocks of 16: exact integers.
#pragma once

#include <cstddef>
#include <cstring>

#if defined(__AVX512VNNI__)
#include "backends/cpu/simd/matmul/int8_avx512.hpp"
#elif defined(__AVX2__)
#include "backends/cpu/simd/matmul/int8_avx2.hpp"
#else
#include "backends/cpu/simd/matmul/int8_sse2.hpp"
#endif
