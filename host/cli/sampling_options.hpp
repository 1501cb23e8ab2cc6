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
  std::vector<std::string> template_args;  // NAME=JSON
};

FlagGroup sampling_flags(SamplingOptions& o);
// NAME=JSON in two. Errors: ErrorCode::usage without a =.
Result<std::pair<std::string, std::string>> split_argument(const std::string& argument);
// Errors: a --logit-bias that is not ID=B, a --template-arg that is not NAME=JSON.
Status apply(const SamplingOptions& o, Request& request);

}  // namespace tenon::cli
