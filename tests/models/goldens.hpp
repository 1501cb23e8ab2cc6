// Committed arrays, distances from them, and the files that the fixtures fetched.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
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

// The file that ctest's fixture fetch_<name> fetched.
inline std::filesystem::path fetched_model(const std::string& name) {
  const std::string at = TENON_FETCHED_DIR "/" + name + ".path";
  std::ifstream file(at);
  std::string path;
  std::getline(file, path);
  if (path.empty())
    throw std::runtime_error(at + " names no model: run `ctest -R fetch_" + name + "`");
  return path;
}

// The exact logits at 256 ids of the vocabulary per position, and the most likely id of each.
struct Golden {
  explicit Golden(const std::string& model = "smollm2")
      : tokens(GoldenArray<std::int32_t>::read(model + "_tokens.npy")),
        ids(GoldenArray<std::int32_t>::read(model + "_vocab_ids.npy")),
        logits(GoldenArray<float>::read(model + "_logits.npy")),
        top1(GoldenArray<std::int32_t>::read(model + "_top1.npy")) {}

  GoldenArray<std::int32_t> tokens, ids;
  GoldenArray<float> logits;
  GoldenArray<std::int32_t> top1;
};

struct Distance {
  double nmse = 0;
  std::size_t same_top1 = 0;
};

inline Distance distance(const Golden& golden, std::span<const float> logits) {
  const std::size_t rows = golden.tokens.values.size(), n_vocab = logits.size() / rows;
  const std::size_t n_ids = golden.ids.values.size() / rows;
  Distance d;
  double error = 0, power = 0;
  for (std::size_t t = 0; t < rows; ++t) {
    const auto row = logits.subspan(t * n_vocab, n_vocab);
    for (std::size_t i = t * n_ids; i < (t + 1) * n_ids; ++i) {
      const double exact = golden.logits.values[i];
      const double miss = row[static_cast<std::size_t>(golden.ids.values[i])] - exact;
      error += miss * miss;
      power += exact * exact;
    }
    const auto top = std::max_element(row.begin(), row.end()) - row.begin();
    d.same_top1 += top == golden.top1.values[t] ? 1u : 0u;
  }
  d.nmse = error / power;
  return d;
}

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
