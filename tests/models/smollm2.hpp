// The SmolLM2 file that the fixture fetched, its goldens, and the distance from them.
#pragma once

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/models/golden_array.hpp"
#include "tests/models/loaded_model.hpp"

namespace tenon::testing {

inline std::filesystem::path smollm2_path() {
  std::ifstream file(TENON_MODEL_PATH_FILE);
  std::string path;
  std::getline(file, path);
  if (path.empty())
    throw std::runtime_error(TENON_MODEL_PATH_FILE " names no model: run `ctest -R fetch_model`");
  return path;
}

inline nlohmann::ordered_json golden_json(const char* name) {
  std::ifstream file(std::filesystem::path(TENON_GOLDEN_DIR) / name);
  return nlohmann::ordered_json::parse(file);
}

// The exact logits at 256 ids of the vocabulary per position, and the most likely id of each.
struct Golden {
  GoldenArray<std::int32_t> tokens = GoldenArray<std::int32_t>::read("smollm2_tokens.npy");
  GoldenArray<std::int32_t> ids = GoldenArray<std::int32_t>::read("smollm2_vocab_ids.npy");
  GoldenArray<float> logits = GoldenArray<float>::read("smollm2_logits.npy");
  GoldenArray<std::int32_t> top1 = GoldenArray<std::int32_t>::read("smollm2_top1.npy");
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

}  // namespace tenon::testing
