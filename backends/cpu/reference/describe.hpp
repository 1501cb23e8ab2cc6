// The descriptions of reference kernels: ids "tenon.cpu.reference.<suffix>", score 0.
#pragma once

#include <array>

#include "backends/cpu/formats/table.hpp"
#include "rows.hpp"

namespace tenon::cpu::reference {

using sdk::Kernel;
using sdk::Name;

template <class K, Name Suffix>
consteval Kernel reference(const char* op) {
  constexpr const char* id = sdk::k_names<Name("tenon.cpu.reference.") + Suffix>[0];
  return sdk::kernel<K>(id, op).score(0);
}

template <class K, Name Suffix>
consteval Kernel unary(const char* op) {
  return reference<K, Suffix>(op).template in<"f32">().template out<"f32">();
}

template <class K, Name Suffix>
consteval Kernel binary(const char* op) {
  return reference<K, Suffix>(op).template in<"f32", "f32">().template out<"f32">();
}

// One kernel for each type of weights; Of<Format>() describes it.
template <class Of, class... Format>
consteval auto for_each_format(formats::FormatList<Format...>) {
  return std::array{Of::template kernel<Format>()...};
}

}  // namespace tenon::cpu::reference
