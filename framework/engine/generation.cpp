// The loop from prompt to answer, and what it measures.
#include "framework/engine/generation.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "framework/base/stopwatch.hpp"
#include "framework/text/stream/detokenizer.hpp"
#include "framework/text/stream/stop_matcher.hpp"

namespace tenon {
namespace {

class Generation {
 public:
  Generation(Runtime& runtime, PrefixCache& kept, std::span<const TokenId> prompt,
             const GenerateOptions& options, Sampler sampler, SequenceId sequence)
      : runtime_(runtime),
        kept_(kept),
        prompt_(prompt),
        options_(options),
        sampler_(std::move(sampler)),
        sequence_(sequence),
        detokenizer_(runtime.model().tokenizer(),
                     {.at_start = runtime.model().tokenizer().is_special(prompt.back())}),
        stops_(options.stops) {}
  ~Generation() { kept_.keep(runtime_, sequence_, std::move(stored_)); }
  Generation(const Generation&) = delete;
  Generation& operator=(const Generation&) = delete;

  Result<Reply> run() {
    reply_.usage.prompt_tokens = static_cast<std::int64_t>(prompt_.size());
    reply_.seed = sampler_.seed();
    reply_.usage.cached_tokens = runtime_.length(sequence_);
    for (const TokenId id : prompt_) sampler_.accept(id);
    const std::int64_t room = runtime_.n_ctx() - static_cast<std::int64_t>(prompt_.size());
    const std::int64_t most = std::min(options_.max_tokens.value_or(room), room);
    stored_.reserve(prompt_.size() + static_cast<std::size_t>(most));
    stored_.assign(prompt_.begin(), prompt_.end());
    auto logits = prefill(prompt_.subspan(static_cast<std::size_t>(runtime_.length(sequence_))));
    reply_.finish_reason = FinishReason::length;
    while (logits && reply_.usage.completion_tokens < most) {
      auto next = take_token(*logits);
      if (!next) return fail(next);
      if (finished_ || reply_.usage.completion_tokens >= most) break;
      logits = decode(*next);
    }
    if (!logits && logits.error().code() != ErrorCode::cancelled) return fail(logits);
    if (!logits) reply_.finish_reason = FinishReason::cancelled;
    if (!stopped_at_string_) emit(stops_.push(detokenizer_.finish()).text + stops_.finish());
    finish_timings();
    return std::move(reply_);
  }

 private:
  using Logits = Result<std::span<const float>>;

  Logits prefill(std::span<const TokenId> prompt) {
    Stopwatch watch;
    Logits logits = std::span<const float>();
    const auto chunk = static_cast<std::size_t>(runtime_.chunk());
    std::vector<StepRow> rows;
    rows.reserve(std::min(chunk, prompt.size()));
    for (std::size_t at = 0; at < prompt.size() && logits; at += chunk) {
      if (Status in_time = check_time(); !in_time) return fail(in_time);
      rows.clear();
      for (std::size_t i = at; i < std::min(at + chunk, prompt.size()); ++i)
        rows.push_back({prompt[i], sequence_, i + 1 == prompt.size()});
      logits = runtime_.step(rows, options_.cancel);
    }
    reply_.timings.prefill_ms = watch.elapsed_ms();
    return logits;
  }

  Status check_time() const {
    if (!options_.deadline_ms || total_.elapsed_ms() < *options_.deadline_ms) return {};
    return fail(ErrorCode::limit,
                fmt::format("the deadline has passed: needed more than {0:.0f} ms, available "
                            "{0:.0f} ms; {1} tokens of the answer are done",
                            *options_.deadline_ms, reply_.usage.completion_tokens));
  }

  Logits decode(TokenId token) {
    if (Status in_time = check_time(); !in_time) return fail(in_time);
    if (options_.cancel != nullptr && *options_.cancel != 0)
      return fail(ErrorCode::cancelled, "the request was cancelled");
    Stopwatch watch;
    stored_.push_back(token);
    const StepRow row{token, sequence_, true};
    auto logits = runtime_.step({&row, 1}, options_.cancel);
    reply_.timings.decode_ms += watch.elapsed_ms();
    ++steps_;
    return logits;
  }

  // Draws a token and hands its text on; sets finished_ when the answer ends with it.
  Result<TokenId> take_token(std::span<const float> logits) {
    Stopwatch watch;
    auto token = sampler_.sample(logits);
    if (!token) return fail(token);
    sampler_.accept(*token);
    sampling_ms_ += watch.elapsed_ms();
    reply_.tokens.push_back(*token);
    ++reply_.usage.completion_tokens;
    if (!options_.ignore_eos && runtime_.model().tokenizer().is_end_of_generation(*token)) {
      finish(FinishReason::stop);
    } else {
      const StopMatcher::Output out = stops_.push(detokenizer_.push(*token));
      emit(out.text);
      if (out.stopped) {
        stopped_at_string_ = true;
        finish(FinishReason::stop);
      }
    }
    if (reply_.usage.completion_tokens == 1) reply_.timings.ttft_ms = total_.elapsed_ms();
    return token;
  }

  void emit(const std::string& text) {
    if (text.empty()) return;
    reply_.text += text;
    if (options_.on_text && options_.on_text(text) != keep_going) finish(FinishReason::cancelled);
  }

  void finish(FinishReason reason) {
    if (!finished_) reply_.finish_reason = reason;
    finished_ = true;
  }

  void finish_timings() {
    Timings& t = reply_.timings;
    const std::int64_t computed = reply_.usage.prompt_tokens - reply_.usage.cached_tokens;
    if (t.prefill_ms > 0) t.prefill_tps = 1e3 * static_cast<double>(computed) / t.prefill_ms;
    if (t.decode_ms > 0) t.decode_tps = 1e3 * static_cast<double>(steps_) / t.decode_ms;
    if (!reply_.tokens.empty())
      t.sampling_us_per_token = 1e3 * sampling_ms_ / static_cast<double>(reply_.tokens.size());
  }

  Runtime& runtime_;
  PrefixCache& kept_;
  std::span<const TokenId> prompt_;
  const GenerateOptions& options_;
  Sampler sampler_;
  SequenceId sequence_;
  std::vector<TokenId> stored_;  // what the sequence holds, or a little more after an error
  Detokenizer detokenizer_;
  StopMatcher stops_;
  Reply reply_;
  Stopwatch total_;
  std::int64_t steps_ = 0;
  double sampling_ms_ = 0;
  bool finished_ = false, stopped_at_string_ = false;
};

}  // namespace

Result<Reply> generate(Runtime& runtime, PrefixCache& kept, std::span<const TokenId> prompt,
                       const GenerateOptions& options) {
  if (prompt.empty()) return fail(ErrorCode::usage, "the prompt is empty");
  const auto needed = static_cast<std::int64_t>(prompt.size()) + 1;
  if (needed > runtime.n_ctx())
    return fail(ErrorCode::limit,
                "the prompt does not fit: needed " + std::to_string(needed) +
                    " positions, available " + std::to_string(runtime.n_ctx()),
                Setting::context);
  if (options.max_tokens && *options.max_tokens < 0)
    return fail(ErrorCode::usage, "max_tokens must not be negative");
  auto sampler =
      Sampler::create(options.sampling, static_cast<std::size_t>(runtime.model().n_vocab()));
  if (!sampler) return fail(sampler);
  const auto sequence = kept.take(runtime, prompt);
  if (!sequence) return fail(sequence);
  return Generation(runtime, kept, prompt, options, std::move(*sampler), *sequence).run();
}

}  // namespace tenon
