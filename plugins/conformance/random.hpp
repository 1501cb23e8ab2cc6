// Test inputs: U(-1,1), N(0,1), and N(0,1) with one value in a thousand a hundred times larger.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <random>
#include <vector>

namespace tenon::conformance {

enum class Inputs { uniform, normal, outliers };
inline constexpr Inputs k_inputs[] = {Inputs::uniform, Inputs::normal, Inputs::outliers};

inline const char* name_of(Inputs inputs) {
  constexpr const char* k_names[] = {"uniform", "normal", "outliers"};
  return k_names[static_cast<int>(inputs)];
}

// Other values for the same test: TENON_CONFORM_SEED is mixed into every seed; without it, or with 0,
// the tests have the values that their gates were chosen with.
inline std::mt19937 generator_of(uint32_t seed) {
  static const char* const k_text = std::getenv("TENON_CONFORM_SEED");
  const auto more =
      static_cast<uint32_t>(k_text != nullptr ? std::strtoul(k_text, nullptr, 10) : 0);
  return std::mt19937(seed ^ more * 2654435761u);
}

inline std::vector<float> random_values(Inputs inputs, int64_t count, uint32_t seed) {
  std::mt19937 generator = generator_of(seed);
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
  std::mt19937 generator = generator_of(seed);
  std::uniform_int_distribution<int32_t> pick(0, below - 1);
  std::vector<int32_t> ids(static_cast<std::size_t>(count));
  for (int32_t& id : ids) id = pick(generator);
  return ids;
}

}  // namespace tenon::conformance
