// Byte vectors of this variant and the two dot products over blocks of 32: exact integers.
#pragma once

#include <cstddef>
#include <cstring>

#if defined(__AVX512VNNI__)
#include "backends/cpu/fast/matmul/int8_avx512.hpp"
#else
#include "backends/cpu/fast/matmul/int8_avx2.hpp"
#endif
