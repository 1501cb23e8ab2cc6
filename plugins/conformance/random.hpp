// Test inputs: U(-1,1), N(0,1), and N(0,1) with one value in a thousand a hundred times larger.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

namespace tenon::conformance {

enum class Inputs { uniform, normal, outliers };
inline constexpr Inputs k_inputs[] = {Inputs::uniform, Inputs::normal, Inputs::outliers};

inline const char* name_of(Inputs inputs) {
  constexpr const char* k_names[] = {"uniform", "normal", "outliers"};
  return k_names[static_cast<int>(inputs)];
}

inline std::vector<float> random_values(Inputs inputs, int64_t count, uint32_t seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<float> uniform(-1.0f, 1.0f);
  std::normal_distribution<float> normal;
  std::uniform_int_distribution<int> thousand(0, 999);
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& x : values) {
    x = inputs == Inputs::uniform ? uniform(generator) : normal(generator);
    if (inputs == Inputs::outliers && thousand(generator) == 0) x *= 100.0f;
  }
  return values;
}

inline std::vector<int32_t> random_ids(int64_t count, int32_t below, uint32_t seed) {
  std::mt19937 generator(seed);
  std::uniform_int_distribution<int32_t> pick(0, below - 1);
  std::vector<int32_t> ids(static_cast<std::size_t>(count));
  for (int32_t& id : ids) id = pick(generator);
  return ids;
}

}  // namespace tenon::conformance
