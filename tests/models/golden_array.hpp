// Committed arrays, and distances from them.
#pragma once

#include <filesystem>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "framework/formats/npy.hpp"

namespace tenon::testing {

template <class T>
struct GoldenArray {
  std::vector<std::uint64_t> shape;
  std::vector<T> values;

  static GoldenArray read(const std::string& name) {
    auto array = read_npy(std::filesystem::path(TENON_GOLDEN_DIR) / name);
    if (!array) throw std::runtime_error(array.error().message());
    return {array->shape, std::get<std::vector<T>>(array->values)};
  }
};

inline double nmse(std::span<const float> got, std::span<const float> exact) {
  double error = 0, power = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const double miss = static_cast<double>(got[i]) - exact[i];
    error += miss * miss;
    power += static_cast<double>(exact[i]) * exact[i];
  }
  return error / power;
}

}  // namespace tenon::testing
