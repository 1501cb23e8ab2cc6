// tenon run: one prompt, one streamed answer.
#include <algorithm>
#include <cmath>
#include <iostream>
#include <map>

#include "host/cli/command.hpp"
#include "host/cli/engine_setup.hpp"
#include "host/cli/input.hpp"
#include "host/cli/sampling_options.hpp"
#include "host/cli/terminal.hpp"

namespace tenon::cli {
namespace {

struct RunOptions {
  OutputOptions output;
  EngineOptions engine;
  SamplingOptions sampling;
  std::optional<std::string> prompt, file;
  std::string system;
  std::int64_t max_tokens = -1;
  std::optional<double> deadline;
  bool raw = false, ignore_eos = false;
  std::vector<std::string> stops;
};

FlagGroup prompt_flags(RunOptions& o) {
  return {"Prompt",
          {
              {"prompt,p", &o.prompt, "TEXT", "the prompt"},
              {"file,f", &o.file, "FILE", "read the prompt from a file, - for stdin"},
              {"system", &o.system, "TEXT", "system message"},
              {"raw", &o.raw, "", "the prompt as it is, without the chat template"},
              {"n-predict,n", &o.max_tokens, "N", "most tokens to generate"},
              {"deadline", &o.deadline, "SECONDS", "fail when the answer takes longer (exit 5)"},
              {"stop", &o.stops, "TEXT", "end the answer here (repeatable)"},
              {"ignore-eos", &o.ignore_eos, "", "go on after the model stops"},
              {"fallback", &o.engine.fallback, "BACKEND",
               "go on here when a device fails; default: exit 1"},
          }};
}

Syntax syntax(RunOptions& o) {
  return {.usage = "tenon run MODEL -p TEXT [flags]",
          .examples =
              "  tenon run model.gguf -p \"What is 2+2?\"\n"
              "  tenon run model.gguf -f notes.txt --system \"Summarise.\" --temp 0\n"
              "  tenon run model.gguf -p $'Two\\nlines'   # a \\n that the shell leaves alone "
              "stays two characters\n",
          .arguments = {model_argument(o.engine.model)},
          .required = 1,
          .groups = {prompt_flags(o), sampling_flags(o.sampling), engine_flags(o.engine),
                     output_flags(o.output)}};
}

Result<std::string> read_prompt(const RunOptions& o) {
  if (o.prompt) return *o.prompt;
  return read_text(*o.file);
}

Result<Request> make_request(const RunOptions& o, Engine& engine, const std::string& prompt,
                             const Interrupt& interrupt) {
  Request request = o.raw ? engine.complete(prompt) : engine.chat();
  if (!o.raw && !o.system.empty()) request.system(o.system);
  if (!o.raw) request.user(prompt);
  if (Status s = apply(o.sampling, request); !s) return fail(s);
  if (o.max_tokens >= 0) request.max_tokens(o.max_tokens);
  if (o.deadline) request.deadline(*o.deadline);
  for (const std::string& stop : o.stops) request.stop(stop);
  request.ignore_eos(o.ignore_eos).cancel(interrupt.flag());
  return request;
}

Json reply_json(const Reply& r, const Engine& engine, double ready_ms) {
  const Timings& t = r.timings;
  return {{"text", r.text},
          {"tokens", r.tokens},
          {"finish_reason", to_string(r.finish_reason)},
          {"prompt_tokens", r.usage.prompt_tokens},
          {"completion_tokens", r.usage.completion_tokens},
          {"seed", r.seed},
          {"timings",
           {{"load", to_json(engine.load_timings(), ready_ms)},
            {"ttft_ms", t.ttft_ms},
            {"prefill_ms", t.prefill_ms},
            {"decode_ms", t.decode_ms},
            {"prefill_tps", t.prefill_tps},
            {"decode_tps", t.decode_tps},
            {"sampling_us_per_token", t.sampling_us_per_token},
            {"read_bytes_per_token", t.read_bytes_per_token}}},
          {"memory", to_json(engine.memory())},
          {"backend", engine.backend()},
          {"fallback", r.fallback},
          {"kernels", engine.kernels()}};
}

// "cpu/avx512vnni", or several in the order of how many nodes they ran.
std::string packs_that_ran(const Plan& plan) {
  std::map<std::string, std::size_t> nodes;
  for (const NodePlan& n : plan.nodes) ++nodes[n.device + (n.pack.empty() ? "" : "/" + n.pack)];
  std::vector<std::pair<std::size_t, std::string>> order;
  for (const auto& [name, count] : nodes) order.emplace_back(count, name);
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::string text;
  for (const auto& [count, name] : order) text += (text.empty() ? "" : " + ") + name;
  return text;
}

void print_summary(const Reply& r, const Engine& engine, double ready_ms, bool verbose) {
  const LoadTimings& l = engine.load_timings();
  const Timings& t = r.timings;
  std::fprintf(
      stderr,
      "\nload     %8.1f ms from process start: plugins %.1f, open %.2f, map %.2f, header %.1f, "
      "tokenizer %.1f, devices %.1f, plan %.1f,\n"
      "                     read %.1f (%s), repack %.1f (%s), upload %.1f (%s), compile %.1f, "
      "warm-up %.1f\n",
      ready_ms, l.plugins_ms, l.open_ms, l.map_ms, l.header_ms, l.tokenizer_ms, l.devices_ms,
      l.plan_ms, l.touch_ms, human_bytes(l.bytes_mapped).c_str(), l.repack_ms,
      human_bytes(l.bytes_packed).c_str(), l.upload_ms, human_bytes(l.bytes_uploaded).c_str(),
      l.compile_ms, l.warmup_ms);
  std::fprintf(stderr, "prefill  %8.1f tokens/s (%lld tokens, first text after %.1f ms)\n",
               t.prefill_tps, static_cast<long long>(r.usage.prompt_tokens), t.ttft_ms);
  const std::string read =
      t.read_bytes_per_token > 0
          ? ", " + std::to_string(std::llround(t.read_bytes_per_token)) + " B read back"
          : "";
  std::fprintf(stderr, "decode   %8.1f tokens/s (%lld tokens, sampling %.0f us each%s, %s)\n",
               t.decode_tps, static_cast<long long>(r.usage.completion_tokens),
               t.sampling_us_per_token, read.c_str(),
               std::string(to_string(r.finish_reason)).c_str());
  std::fprintf(stderr, "memory   %s planned, peak resident %s\nbackend  %s\n",
               human_bytes(engine.memory().planned).c_str(), human_bytes(peak_rss()).c_str(),
               packs_that_ran(engine.plan()).c_str());
  if (!verbose) return;
  std::fputs("kernels ", stderr);
  for (const std::string& id : engine.kernels()) std::fprintf(stderr, " %s", id.c_str());
  std::fputc('\n', stderr);
}

Status check(const RunOptions& o) {
  if (o.prompt.has_value() == o.file.has_value())
    return fail(ErrorCode::usage, "give the prompt with either -p TEXT or -f FILE");
  if (o.max_tokens < -1) return fail(ErrorCode::usage, "-n must be a count, or -1 for no limit");
  if (o.deadline && !(*o.deadline > 0))
    return fail(ErrorCode::usage, "--deadline must be a number of seconds above 0");
  return {};
}

Status run(RunOptions& o) {
  if (Status checked = check(o); !checked) return checked;
  const auto prompt = read_prompt(o);
  if (!prompt) return fail(prompt);

  const Interrupt interrupt;
  auto engine = load_engine(builder_from(o.engine), o.output, interrupt);
  if (!engine) return fail(engine);
  const double ready_ms = process_age_ms().value_or(engine->load_timings().ready_ms);
  auto request = make_request(o, *engine, *prompt, interrupt);
  if (!request) return fail(request);
  const auto reply = request->stream([&](std::string_view text) {
    if (!o.output.json) std::cout << text << std::flush;
    return std::cout.good() ? keep_going : enough;
  });
  if (!reply) return fail(reply);
  if (!std::cout) return {};  // main says so
  if (o.output.json)
    print_json(reply_json(*reply, *engine, ready_ms));
  else
    std::cout << std::endl;
  if (!o.output.quiet && !o.output.json) print_summary(*reply, *engine, ready_ms, o.output.verbose);
  if (reply->finish_reason == FinishReason::cancelled)
    return fail(ErrorCode::cancelled, "interrupted");
  return {};
}

}  // namespace

extern const Command k_run = command<RunOptions, syntax, run>("run", "Answer a prompt, streaming");

}  // namespace tenon::cli
