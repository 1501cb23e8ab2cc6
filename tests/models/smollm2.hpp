// The SmolLM2 file that the fixture fetched, and its goldens.
#pragma once

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/models/goldens.hpp"
#include "tests/models/loaded_model.hpp"

namespace tenon::testing {

inline std::filesystem::path smollm2_path() { return fetched_model("smollm2"); }

inline nlohmann::ordered_json golden_json(const char* name) {
  std::ifstream file(std::filesystem::path(TENON_GOLDEN_DIR) / name);
  return nlohmann::ordered_json::parse(file);
}

}  // namespace tenon::testing
