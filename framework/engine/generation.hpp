// Generation: one answer to one prompt on one sequence: prefill in chunks, then a token per step.
#pragma once

#include <functional>

#include "framework/engine/prefix_cache.hpp"
#include "framework/include/tenon/tenon.hpp"
#include "framework/sampling/sampler.hpp"

namespace tenon {

struct GenerateOptions {
  SamplingParams sampling;
  std::optional<std::int64_t> max_tokens;
  std::vector<std::string> stops;
  bool ignore_eos = false;
  const std::uint32_t* cancel = nullptr;
  std::optional<double> deadline_ms;  // from the start of generate(); asked for before each step
  StreamFn on_text;                   // may be empty
};

// Begins with what `kept` shares with the prompt, and leaves its own sequence there. Errors:
// ErrorCode::limit when the prompt does not fit, ErrorCode::usage for bad parameters, and whatever
// a step gives. A cancelled answer is no error: it has finish_reason cancelled.
Result<Reply> generate(Runtime& runtime, PrefixCache& kept, std::span<const TokenId> prompt,
                       const GenerateOptions& options);

}  // namespace tenon
