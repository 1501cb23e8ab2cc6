// The sampling options of commands that generate text.
#pragma once

#include "framework/include/tenon/tenon.hpp"
#include "host/cli/options.hpp"

namespace tenon::cli {

struct SamplingOptions {
  float temperature = 0.8f, top_p = 0.95f, min_p = 0.05f, typical = 1.0f;
  float repeat_penalty = 1.0f, presence_penalty = 0.0f, frequency_penalty = 0.0f;
  int top_k = 40, repeat_last_n = 64;
  std::optional<std::uint64_t> seed;
  std::vector<std::string> logit_bias;
};

FlagGroup sampling_flags(SamplingOptions& o);
// Errors: a --logit-bias that is not ID=B.
Status apply(const SamplingOptions& o, Request& request);

}  // namespace tenon::cli
