// The sampling flags of commands that generate text.
#pragma once

#include "host/cli/options.hpp"

namespace tenon::cli {

struct SamplingFlags {
  float temperature = 0.8f, top_p = 0.95f, min_p = 0.05f, typical = 1.0f;
  float repeat_penalty = 1.0f, presence_penalty = 0.0f, frequency_penalty = 0.0f;
  int top_k = 40, repeat_last_n = 64;
  std::vector<std::string> logit_bias;
};

po::options_description sampling_flags(SamplingFlags& s);
// Errors: a --logit-bias that is not ID=B.
Status apply(const SamplingFlags& s, const po::variables_map& values, Request& request);

}  // namespace tenon::cli
