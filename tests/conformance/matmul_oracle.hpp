// The right answers of matmul tests, computed once for all packs and kept.
#pragma once

#include <map>
#include <string>
#include <tuple>

#include "plugins/conformance/oracle/matmul.hpp"
#include "plugins/conformance/oracle/random_weights.hpp"
#include "plugins/conformance/random.hpp"

namespace tenon::conformance {

// Random activations (T,K) times random weights (N,K).
struct Problem {
  std::string dtype;
  int64_t tokens, rows, width;
  Inputs inputs;
  uint32_t weights_seed, x_seed;

  std::vector<uint8_t> weights() const {
    return oracle::random_weights(dtype, rows * width, weights_seed);
  }
  std::vector<float> x() const { return random_values(inputs, tokens * width, x_seed); }

  // In double; with an int8_block, of ideally rounded activations.
  const oracle::Values& product(int64_t int8_block = 0) const {
    static std::map<
        std::tuple<std::string, int64_t, int64_t, int64_t, Inputs, uint32_t, uint32_t, int64_t>,
        oracle::Values>
        known;
    auto [at, fresh] =
        known.try_emplace({dtype, tokens, rows, width, inputs, weights_seed, x_seed, int8_block});
    if (fresh) {
      const auto values = x();
      oracle::Values exact(values.begin(), values.end());
      if (int8_block != 0) exact = oracle::round_int8(exact, width, int8_block);
      at->second = oracle::matmul(exact, oracle::dequantize(dtype, weights()), width);
    }
    return at->second;
  }
};

}  // namespace tenon::conformance
