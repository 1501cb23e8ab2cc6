// Sizes of the dtypes of the contract: values and bytes per block.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace tenon::conformance {

struct Dtype {
  const char* name;
  int64_t values, bytes;
};

inline constexpr Dtype k_dtypes[] = {
    {"f32", 1, 4},      {"f16", 1, 2},      {"bf16", 1, 2},     {"i32", 1, 4},
    {"q4_0", 32, 18},   {"q4_1", 32, 20},   {"q5_0", 32, 22},   {"q5_1", 32, 24},
    {"q8_0", 32, 34},   {"q2_K", 256, 84},  {"q3_K", 256, 110}, {"q4_K", 256, 144},
    {"q5_K", 256, 176}, {"q6_K", 256, 210}, {"iq4_nl", 32, 18}, {"iq4_xs", 256, 136},
    {"mxfp4", 32, 17},
};

inline const Dtype& dtype(const std::string& name) {
  for (const Dtype& d : k_dtypes) {
    if (name == d.name) return d;
  }
  throw std::invalid_argument("no dtype " + name);
}

}  // namespace tenon::conformance
