// What a request may say about how tokens are drawn.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "framework/base/result.hpp"
#include "framework/base/token.hpp"

namespace tenon {

struct LogitBias {
  TokenId id;
  float bias;  // added to the logit; -infinity bans the token
};

struct SamplingParams {
  float temperature = 0.8f;  // 0: greedy
  std::int32_t top_k = 40;   // 0: off
  float top_p = 0.95f;       // 1: off
  float min_p = 0.05f;       // 0: off
  float typical = 1.0f;      // 1: off
  float repeat_penalty = 1.0f;
  std::int32_t repeat_last_n = 64;  // how many accepted tokens the three penalties look back on
  float presence_penalty = 0.0f;
  float frequency_penalty = 0.0f;
  std::vector<LogitBias> logit_bias;
  std::optional<std::uint64_t> seed;  // none: a random one, which Sampler::seed tells
};

// ErrorCode::usage names the first parameter that is out of range.
Status validate(const SamplingParams& params, std::size_t vocab_size);

}  // namespace tenon
