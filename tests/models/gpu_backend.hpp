// The backend that a test of models on one GPU alone is about, and what it ran elsewhere.
#pragma once

#include <cstdlib>
#include <set>

#include "tests/models/loaded_model.hpp"

namespace tenon::testing {

// As --backend names it: $TENON_TEST_BACKEND.
inline std::string gpu_backend() {
  const char* name = std::getenv("TENON_TEST_BACKEND");
  if (name == nullptr || *name == '\0') throw std::runtime_error("TENON_TEST_BACKEND is not set");
  return name;
}

// How many nodes the first device does not run, and why; "0" if it runs them all.
inline std::string nodes_elsewhere(const Runtime& runtime) {
  const auto& nodes = runtime.loaded().context.placement.nodes;
  std::set<std::string> reasons;
  std::size_t n = 0;
  for (const Choice& node : nodes) {
    if (node.device == 0) continue;
    reasons.insert(node.reason);
    ++n;
  }
  std::string all = nodes.empty() ? "no nodes at all" : std::to_string(n);
  for (const std::string& reason : reasons) all += "; " + reason;
  return all;
}

}  // namespace tenon::testing
