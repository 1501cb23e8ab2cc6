// What a step is read for, and what is read of one of its rows.
#pragma once

#include <cstddef>
#include <span>

#include "framework/base/token.hpp"

namespace tenon {

// All logits; the best token; or candidates: the best tokens with their logits, and those of tokens
// that were listed.
enum class Results : std::uint8_t { logits, tokens, candidates };

// So many of the best, or all of a smaller vocabulary, and so many listed ones.
inline constexpr std::size_t k_max_candidates = 256;

// What was not asked for is empty. Valid until the next step.
struct RowResults {
  std::span<const float> logits = {};
  std::span<const TokenId> token = {};  // one; -1: logits that are not finite
  // The best, of equals the lower id first, then those that were listed, -1 where none was. All -1:
  // logits that are not finite.
  std::span<const TokenId> ids = {};
  std::span<const float> values = {};
};

}  // namespace tenon
