// From prompt to answer: the state of one sequence, and the loop that drives it alone.
#include "framework/engine/generation.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tenon {

Result<Generation> Generation::start(const Model& model, std::int64_t n_ctx,
                                     std::span<const TokenId> prompt,
                                     const GenerateOptions& options, const Stopwatch& accepted) {
  if (prompt.empty()) return fail(ErrorCode::usage, "the prompt is empty");
  const auto length = static_cast<std::int64_t>(prompt.size());
  if (length + 1 > n_ctx)
    return fail(ErrorCode::limit,
                fmt::format("the prompt does not fit into the context: needed {} positions, "
                            "available {}",
                            length + 1, n_ctx),
                Setting::context);
  if (options.max_tokens && *options.max_tokens < 0)
    return fail(ErrorCode::usage, "max_tokens must not be negative");
  auto sampler = Sampler::create(options.sampling, static_cast<std::size_t>(model.n_vocab()));
  if (!sampler) return fail(sampler);
  const std::int64_t room = n_ctx - length;
  return Generation(model.tokenizer(), prompt, options,
                    std::min(options.max_tokens.value_or(room), room), std::move(*sampler),
                    accepted);
}

Generation::Generation(const Tokenizer& tokenizer, std::span<const TokenId> prompt,
                       const GenerateOptions& options, std::int64_t most, Sampler sampler,
                       const Stopwatch& accepted)
    : tokenizer_(tokenizer),
      options_(options),
      most_(most),
      sampler_(std::move(sampler)),
      detokenizer_(tokenizer, {.at_start = tokenizer.is_special(prompt.back())}),
      stops_(options.stops),
      accepted_(accepted) {
  tokens_.reserve(prompt.size() + static_cast<std::size_t>(most));
  tokens_.assign(prompt.begin(), prompt.end());
  for (const TokenId id : prompt) sampler_.accept(id);
  reply_.usage.prompt_tokens = static_cast<std::int64_t>(prompt.size());
  reply_.seed = sampler_.seed();
}

void Generation::resume_at(std::int64_t n) {
  computed_ = static_cast<std::size_t>(n);
  reply_.usage.cached_tokens = n;
}

std::int64_t Generation::known_length() const {
  const std::int64_t stored = options_.max_tokens ? std::max<std::int64_t>(most_, 1) - 1 : 0;
  return reply_.usage.prompt_tokens + stored;  // the token drawn last is not computed
}

std::span<const TokenId> Generation::rows_wanted() const {
  if (finished_) return {};
  return std::span(tokens_).subspan(computed_);
}

Status Generation::check_time() const {
  if (!options_.deadline_ms || accepted_.elapsed_ms() < *options_.deadline_ms) return {};
  return fail(ErrorCode::limit,
              fmt::format("the deadline has passed: needed more than {0:.0f} ms, available "
                          "{0:.0f} ms; {1} tokens of the answer are done",
                          *options_.deadline_ms, reply_.usage.completion_tokens));
}

Result<std::string> Generation::take(const Computed& computed, const RowResults& row) {
  const bool of_prompt = reply_.tokens.empty();
  (of_prompt ? reply_.timings.prefill_ms : reply_.timings.decode_ms) += computed.ms;
  if (!of_prompt) bytes_read_ += computed.bytes_read;
  computed_ += computed.n;
  if (computed_ < tokens_.size()) return std::string();
  if (!of_prompt) ++decoded_;
  if (most_ == 0) return end(FinishReason::length);
  const auto token = draw(row);
  if (!token) return fail(token);
  std::string text = text_of(*token);
  if (!finished_ && reply_.usage.completion_tokens >= most_) text += end(FinishReason::length);
  reply_.text += text;
  if (reply_.usage.completion_tokens == 1) reply_.timings.ttft_ms = accepted_.elapsed_ms();
  return text;
}

Result<TokenId> Generation::draw(const RowResults& row) {
  Stopwatch watch;
  auto token = sampler_.sample(row);
  if (!token) return fail(token);
  sampler_.accept(*token);
  sampling_ms_ += watch.elapsed_ms();
  tokens_.push_back(*token);
  reply_.tokens.push_back(*token);
  ++reply_.usage.completion_tokens;
  return token;
}

// The text that the token makes certain; ends the answer where the token does.
std::string Generation::text_of(TokenId token) {
  if (!options_.ignore_eos && tokenizer_.is_end_of_generation(token))
    return end(FinishReason::stop);
  StopMatcher::Output out = stops_.push(detokenizer_.push(token));
  if (out.stopped) {
    finished_ = true;  // what follows the stop string is not part of the answer
    reply_.finish_reason = FinishReason::stop;
  }
  return std::move(out.text);
}

// Nothing follows: what was held back belongs to the answer.
std::string Generation::end(FinishReason reason) {
  finished_ = true;
  reply_.finish_reason = reason;
  return stops_.push(detokenizer_.finish()).text + stops_.finish();
}

void Generation::enough() {
  if (finished_) return;
  finished_ = true;
  reply_.finish_reason = FinishReason::cancelled;
}

Reply Generation::reply() && {
  Timings& t = reply_.timings;
  const std::int64_t computed = reply_.usage.prompt_tokens - reply_.usage.cached_tokens;
  if (t.prefill_ms > 0) t.prefill_tps = 1e3 * static_cast<double>(computed) / t.prefill_ms;
  if (decoded_ > 0)
    t.read_bytes_per_token = static_cast<double>(bytes_read_) / static_cast<double>(decoded_);
  if (t.decode_ms > 0) t.decode_tps = 1e3 * static_cast<double>(decoded_) / t.decode_ms;
  if (!reply_.tokens.empty())
    t.sampling_us_per_token = 1e3 * sampling_ms_ / static_cast<double>(reply_.tokens.size());
  return std::move(reply_);
}

namespace {

// Computes the next rows of the answer, at most a batch, and gives the text that this makes certain.
// An answer that outgrows the factors for short sequences begins again with those for long ones.
Result<std::string> advance(Runtime& runtime, PrefixCache::Lease& sequence, Generation& answer,
                            std::vector<StepRow>& rows, const std::uint32_t* cancel) {
  const auto wanted = answer.rows_wanted();
  const auto next =
      wanted.first(std::min(wanted.size(), static_cast<std::size_t>(runtime.batch())));
  const std::int64_t length = runtime.length(sequence.id()) + std::ssize(next);
  if (runtime.model().is_long(length) && !runtime.is_long(sequence.id())) {
    runtime.set_long(sequence.id(), true);
    sequence.forgotten();
    answer.recompute();
    return std::string();
  }
  rows.clear();
  for (const TokenId token : next) rows.push_back({token, sequence.id(), false});
  rows.back().wants_logits = next.size() == wanted.size();
  const Results results = runtime.makes(answer.results()) ? answer.results() : Results::logits;
  if (results == Results::candidates) answer.list(runtime.listed(0));
  const Stopwatch watch;
  if (Status done = runtime.step_for(results, rows, cancel); !done) return fail(done);
  const double step_ms = watch.elapsed_ms();
  sequence.stored(next);
  return answer.take({next.size(), step_ms, runtime.bytes_read()}, runtime.row(0));
}

// Leaves the runtime whose device failed, and begins the answer so far on another one.
Status move_answer(Runtime*& runtime, PrefixCache& kept,
                   std::optional<PrefixCache::Lease>& sequence, Generation& answer,
                   const Error& why, const GoOnFn& go_on) {
  sequence.reset();  // before its runtime goes
  const auto next = go_on(why);
  if (!next) return fail(next);
  runtime = *next;
  auto taken =
      kept.take(*runtime, answer.tokens(), runtime->model().is_long(answer.known_length()));
  if (!taken) return fail(taken);
  sequence.emplace(std::move(*taken));
  answer.recompute();
  return {};
}

}  // namespace

Result<Reply> generate(Runtime& runtime, PrefixCache& kept, std::span<const TokenId> prompt,
                       const GenerateOptions& options, const StreamFn& on_text, Alarms& alarms,
                       const Stopwatch& accepted, const GoOnFn& go_on) {
  Runtime* here = &runtime;
  auto answer = Generation::start(runtime.model(), runtime.n_ctx(), prompt, options, accepted);
  if (!answer) return fail(answer);
  auto taken = kept.take(runtime, prompt, runtime.model().is_long(answer->known_length()));
  if (!taken) return fail(taken);
  std::optional<PrefixCache::Lease> sequence(std::move(*taken));
  answer->resume_at(runtime.length(sequence->id()));
  std::optional<Alarms::Alarm> alarm;
  if (options.deadline_ms)
    alarm.emplace(alarms, accepted.at_ms(*options.deadline_ms), options.cancel);
  const std::uint32_t* cancel = alarm ? alarm->flag() : options.cancel;
  std::vector<StepRow> rows;
  while (!answer->finished()) {
    if (Status in_time = answer->check_time(); !in_time) return fail(in_time);
    auto text = answer->cancel_raised() ? Result<std::string>(answer->cancel())
                                        : advance(*here, *sequence, *answer, rows, cancel);
    if (!text && text.error().code() == ErrorCode::cancelled && raised(cancel))
      continue;  // one of the two says why
    if (!text && go_on && here == &runtime && here->device_failed()) {
      if (Status s = move_answer(here, kept, sequence, *answer, text.error(), go_on); !s)
        return fail(s);
      continue;
    }
    if (!text) return fail(text);
    if (!text->empty() && on_text && on_text(*text) != keep_going) answer->enough();
  }
  return std::move(*answer).reply();
}

}  // namespace tenon
