// The formats that are expanded to bytes on the way: a new one is one file here and one row below.
#pragma once

#include <array>

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
#include "backends/cpu/simd/variant.hpp"

namespace tenon::cpu {

template <class... Format>
struct FormatList {};

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
    StripedMxfp4>;

template <unsigned long A, unsigned long B>
consteval sdk::Name<A + B - 1> operator+(const sdk::Name<A>& a, const sdk::Name<B>& b) {
  char joined[A + B - 1] = {};
  for (unsigned long i = 0; i < A - 1; ++i) joined[i] = a.text[i];
  for (unsigned long i = 0; i < B; ++i) joined[A - 1 + i] = b.text[i];
  return sdk::Name<A + B - 1>(joined);
}

template <class Format>
inline constexpr auto k_striped_name = sdk::Name("tenon.cpu.") + Format::Reference::dtype
                                       + sdk::Name("_x16/1");

// The id "tenon.cpu.<variant>.<op>.<dtype><suffix>".
template <class Format, sdk::Name Op, sdk::Name Suffix = "">
inline constexpr const char* k_format_id =
    sdk::k_names<sdk::Name(TENON_CPU_ID("")) + Op + sdk::Name(".") + Format::Reference::dtype +
                 Suffix>[0];

}  // namespace tenon::cpu
