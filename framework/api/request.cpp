// Request: the parameters of one answer, and its execution.
#include <fmt/format.h>

#include "framework/api/engine_impl.hpp"
#include "framework/api/template_inputs.hpp"
#include "framework/base/raised.hpp"
#include "framework/base/stopwatch.hpp"

namespace tenon {
namespace {

// Ends the writing of a prompt as the steps of the model are ended.
jinja::StopFn stop_of(const GenerateOptions& options, const Stopwatch& accepted) {
  return [&options, &accepted]() -> std::optional<Error> {
    if (raised(options.cancel)) return Error(ErrorCode::cancelled, "the request was cancelled");
    if (!options.deadline_ms || accepted.elapsed_ms() < *options.deadline_ms) return std::nullopt;
    return Error(ErrorCode::limit,
                 fmt::format("the deadline has passed: needed more than {0:.0f} ms, available "
                             "{0:.0f} ms; the chat template has not ended",
                             *options.deadline_ms));
  };
}

// One BOS: where the text begins with it, the tokenizer adds none.
Result<std::vector<TokenId>> encode_prompt(const Tokenizer& tokenizer, std::string_view text,
                                           std::span<const TextRange> plain) {
  const Vocab& vocab = tokenizer.vocab();
  const std::string bos = vocab.bos ? std::string(vocab.text(*vocab.bos)) : std::string();
  const bool has_bos = !bos.empty() && text.starts_with(bos);
  return tokenizer.encode(text, {.add_special = !has_bos, .plain = plain, .open_end = true});
}

}  // namespace

std::string_view to_string(FinishReason reason) {
  static constexpr std::array<std::string_view, 3> k_names = {"stop", "length", "cancelled"};
  return k_names[static_cast<std::size_t>(reason)];
}

Result<std::vector<TokenId>> Request::State::tokens(const Stopwatch& accepted) const {
  const Tokenizer& tokenizer = engine->model->tokenizer();
  if (raw) return encode_prompt(tokenizer, prompt, {});
  ChatInputs inputs;
  inputs.messages = messages;
  inputs.extra = arguments;
  inputs.stop = stop_of(options, accepted);
  const auto text = engine->prompts->write(inputs);
  if (!text) return fail(text);
  return encode_prompt(tokenizer, text->text, text->plain);
}

Request& Request::message(std::string role, std::string text) {
  state_->messages.push_back({{"role", std::move(role)}, {"content", std::move(text)}});
  return *this;
}
Request& Request::system(std::string text) { return message("system", std::move(text)); }
Request& Request::user(std::string text) { return message("user", std::move(text)); }
Request& Request::assistant(std::string text) { return message("assistant", std::move(text)); }
Request& Request::template_argument(const std::string& name, std::string_view json) {
  const Status read = set_template_argument(state_->arguments, name, json);
  if (!read && !state_->wrong) state_->wrong = read.error();
  return *this;
}
Request& Request::temperature(float value) {
  return state_->options.sampling.temperature = value, *this;
}
Request& Request::top_k(int value) { return state_->options.sampling.top_k = value, *this; }
Request& Request::top_p(float value) { return state_->options.sampling.top_p = value, *this; }
Request& Request::min_p(float value) { return state_->options.sampling.min_p = value, *this; }
Request& Request::typical(float value) { return state_->options.sampling.typical = value, *this; }
Request& Request::repeat_penalty(float value, int last_n) {
  state_->options.sampling.repeat_penalty = value;
  state_->options.sampling.repeat_last_n = last_n;
  return *this;
}
Request& Request::presence_penalty(float value) {
  return state_->options.sampling.presence_penalty = value, *this;
}
Request& Request::frequency_penalty(float value) {
  return state_->options.sampling.frequency_penalty = value, *this;
}
Request& Request::logit_bias(Token id, float bias) {
  state_->options.sampling.logit_bias.push_back({id, bias});
  return *this;
}
Request& Request::seed(std::uint64_t value) { return state_->options.sampling.seed = value, *this; }
Request& Request::max_tokens(std::int64_t n) { return state_->options.max_tokens = n, *this; }
Request& Request::stop(std::string text) {
  state_->options.stops.push_back(std::move(text));
  return *this;
}
Request& Request::ignore_eos(bool value) { return state_->options.ignore_eos = value, *this; }
Request& Request::deadline(double seconds) {
  return state_->options.deadline_ms = seconds * 1e3, *this;
}
Request& Request::cancel(const std::uint32_t* flag) { return state_->options.cancel = flag, *this; }

Result<Reply> Request::stream(const StreamFn& on_text) {
  const Stopwatch accepted;
  if (state_->wrong) return tl::unexpected<Error>(*state_->wrong);
  const auto tokens = state_->tokens(accepted);
  if (!tokens) return fail(tokens);
  Engine::Impl& engine = *state_->engine;
  const auto runtime = engine.ready();
  if (!runtime) return fail(runtime);
  std::string notice;
  GoOnFn go_on = [&](const Error& why) { return engine.fall_back(why, notice); };
  auto reply = generate(**runtime, engine.kept, *tokens, state_->options, on_text,
                        engine.host->alarms, accepted, engine.fallback ? go_on : GoOnFn());
  if (reply) reply->fallback = std::move(notice);
  return reply;
}

Result<Reply> Request::run() { return stream({}); }

}  // namespace tenon
