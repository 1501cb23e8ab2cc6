// The formats that are expanded to bytes on the way: a new one is one file here and one row below.
#pragma once

#include <cstddef>
#include <tenon/sdk/kernel.hpp>

#include "backends/cpu/simd/formats/iq4_nl.hpp"
#include "backends/cpu/simd/formats/iq4_xs.hpp"
#include "backends/cpu/simd/formats/mxfp4.hpp"
#include "backends/cpu/simd/formats/q2_k.hpp"
#include "backends/cpu/simd/formats/q3_k.hpp"
#include "backends/cpu/simd/formats/q4_0.hpp"
#include "backends/cpu/simd/formats/q4_k.hpp"
#include "backends/cpu/simd/formats/q5_0.hpp"
#include "backends/cpu/simd/formats/q5_1.hpp"
#include "backends/cpu/simd/formats/q5_k.hpp"
#include "backends/cpu/simd/formats/q6_k.hpp"
#include "backends/cpu/simd/formats/tq2_0.hpp"
#include "backends/cpu/simd/variant.hpp"

namespace tenon::cpu::matmul {

template <class... Format>
struct FormatList {};
template <class List>
inline constexpr std::size_t k_count = 0;
template <class... Format>
inline constexpr std::size_t k_count<FormatList<Format...>> = sizeof...(Format);

using ExpandedFormats = FormatList<  //
    StripedQ4_0,                     //
    StripedQ5_0,                     //
    StripedQ5_1,                     //
    StripedQ2K,                      //
    StripedQ3K,                      //
    StripedQ4K,                      //
    StripedQ5K,                      //
    StripedQ6K,                      //
    StripedIq4Nl,                    //
    StripedIq4Xs,                    //
    StripedTq2_0,                    //
    StripedMxfp4>;

template <class Format>
inline constexpr auto k_striped_name = sdk::Name("tenon.cpu.") + Format::Plain::dtype
                                       + sdk::Name("_x16/1");

// The id "tenon.cpu.<variant>.<op>.<dtype><suffix>".
template <class Format, sdk::Name Op, sdk::Name Suffix = "">
inline constexpr const char* k_format_id =
    sdk::k_names<sdk::Name(TENON_CPU_ID("")) + Op + sdk::Name(".") + Format::Plain::dtype +
                 Suffix>[0];

}  // namespace tenon::cpu::matmul
