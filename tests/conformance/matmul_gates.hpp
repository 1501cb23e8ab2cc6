// How far a matmul may be from exact, by the name of its arithmetic.
#pragma once

#include <string>

namespace tenon::conformance {

// Either an absolute limit, or 1.2 times ideal rounding of the activations in blocks.
struct MatmulGate {
  const char* arithmetic;  // a prefix: "int8x32" also covers "int8x32.f32"
  double nmse;             // 0: relative to ideal rounding
  int64_t int8_block;
};

inline constexpr MatmulGate k_matmul_gates[] = {
    {"f64", 1e-12, 0},  {"f32", 1e-11, 0},  {"f16", 2e-7, 0},     {"bf16", 1e-5, 0},
    {"int8x16", 0, 16}, {"int8x32", 0, 32}, {"int8x256", 0, 256},
};

inline const MatmulGate* gate_of(const std::string& arithmetic) {
  const MatmulGate* best = nullptr;
  for (const MatmulGate& gate : k_matmul_gates) {
    const std::string prefix = gate.arithmetic;
    if (arithmetic == prefix || arithmetic.starts_with(prefix + ".")) best = &gate;
  }
  return best;
}

}  // namespace tenon::conformance
