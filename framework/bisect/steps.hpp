// The steps that both sides run: chunks of a prompt, then its last tokens one by one.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "framework/graph/extents.hpp"
#include "framework/include/tenon/token.hpp"

namespace tenon {

struct ModelStep {
  Extents extents{};
  std::map<std::string, std::vector<std::int32_t>, std::less<>> inputs;  // by role
};

struct StepRules {
  std::int64_t single = 0;  // so many tokens at the end get a step each
  std::int64_t batch = 0;   // rows of a chunk at most
  std::int64_t table = 0;   // entries of a row of the block table
  std::size_t groups = 1;   // of the cache
  bool is_long = false;
};

// One sequence; its pages lie in the pool from the last to the first, so that a kernel which does not
// look at the block table is seen. Each step asks for the logits of its last row.
std::vector<ModelStep> make_steps(std::span<const Token> tokens, const StepRules& rules);

}  // namespace tenon
