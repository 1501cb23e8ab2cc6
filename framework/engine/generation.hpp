// Generation: the state of one answer: which tokens it wants computed next, and the text that their
// logits become. It computes nothing itself: generate() drives one alone, a scheduler drives many.
#pragma once

#include "framework/base/alarms.hpp"
#include "framework/base/raised.hpp"
#include "framework/base/stopwatch.hpp"
#include "framework/engine/prefix_cache.hpp"
#include "framework/include/tenon/tenon.hpp"
#include "framework/sampling/sampler.hpp"
#include "framework/text/stream/detokenizer.hpp"
#include "framework/text/stream/stop_matcher.hpp"

namespace tenon {

struct GenerateOptions {
  SamplingParams sampling;
  std::optional<std::int64_t> max_tokens;
  std::vector<std::string> stops;
  bool ignore_eos = false;
  const std::uint32_t* cancel = nullptr;
  std::optional<double> deadline_ms;  // on the clock that start() is given
};

// Movable: a sequence that goes to another device takes this along. One thread at a time.
class Generation {
 public:
  // `accepted` runs since the request came: the time to the first token and the deadline are
  // counted on it. Errors: ErrorCode::limit when the prompt does not fit into `n_ctx` positions,
  // ErrorCode::usage for bad parameters.
  static Result<Generation> start(const Model& model, std::int64_t n_ctx,
                                  std::span<const TokenId> prompt, const GenerateOptions& options,
                                  const Stopwatch& accepted);

  // The first `n` tokens of the prompt are stored already; to be said before the first step.
  void resume_at(std::int64_t n);

  // How many positions the answer will need, as far as that is known: those of the prompt, and of
  // what max_tokens allows.
  std::int64_t known_length() const;
  // Everything has to be computed again.
  void recompute() { computed_ = 0; }

  // What is to be computed next, in order: the rest of the prompt, or the token drawn last. Any
  // first part of it may be computed in a step; empty when the answer is finished.
  std::span<const TokenId> rows_wanted() const;

  // Asked before each step: ErrorCode::limit when the deadline has passed.
  Status check_time() const;
  bool cancel_raised() const { return raised(options_.cancel); }

  // What the last of the wanted rows is to be read for, and the tokens that are listed then.
  Results results() const { return sampler_.results(); }
  void list(std::span<TokenId> ids) const { sampler_.list(ids); }

  // The first `n` wanted rows have been computed. When they are all of them, `row` is what was read
  // of the last. Gives the text that is certain now, perhaps none.
  struct Computed {
    std::size_t n = 0;
    double ms = 0;
    std::uint64_t bytes_read = 0;  // from devices
  };
  Result<std::string> take(const Computed& computed, const RowResults& row);

  // Ends the answer: cancel() gives the text that was held back; after enough() there is none.
  std::string cancel() { return end(FinishReason::cancelled); }
  void enough();

  bool finished() const { return finished_; }
  // The prompt and what was drawn so far.
  std::span<const TokenId> tokens() const { return tokens_; }
  // The whole answer, once it is finished.
  Reply reply() &&;

 private:
  Generation(const Tokenizer& tokenizer, std::span<const TokenId> prompt,
             const GenerateOptions& options, std::int64_t most, Sampler sampler,
             const Stopwatch& accepted);
  Result<TokenId> draw(const RowResults& row);
  std::string text_of(TokenId token);
  std::string end(FinishReason reason);

  const Tokenizer& tokenizer_;
  GenerateOptions options_;
  std::int64_t most_;  // tokens of the answer
  Sampler sampler_;
  Detokenizer detokenizer_;
  StopMatcher stops_;
  std::vector<TokenId> tokens_;
  std::size_t computed_ = 0;  // of tokens_
  Reply reply_;
  Stopwatch accepted_;
  std::int64_t decoded_ = 0;
  std::uint64_t bytes_read_ = 0;  // by the steps after the prompt
  double sampling_ms_ = 0;
  bool finished_ = false;
};

// After a device failed with this error: what to go on with, where nothing of the answer is stored.
// Errors end the answer.
using GoOnFn = std::function<Result<Runtime*>(const Error& why)>;

// One answer, alone on the runtime: begins with what `kept` shares with the prompt, and leaves its
// sequence there. `on_text` may be empty. A deadline ends the step that it falls into. Errors:
// those of start() and of a step, ErrorCode::limit for the deadline. A cancelled answer is no
// error: it has finish_reason cancelled. With `go_on` a failure of a device is none either: what was
// computed there is computed again where it says.
Result<Reply> generate(Runtime& runtime, PrefixCache& kept, std::span<const TokenId> prompt,
                       const GenerateOptions& options, const StreamFn& on_text, Alarms& alarms,
                       const Stopwatch& accepted, const GoOnFn& go_on = {});

}  // namespace tenon
