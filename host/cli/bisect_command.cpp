// tenon bisect: the first op at which two backends differ, and a bundle to run it again.
#include <iostream>

#include "framework/include/tenon/bisect.hpp"
#include "host/cli/command.hpp"
#include "host/cli/divergence.hpp"
#include "host/cli/engine_setup.hpp"
#include "host/cli/printable.hpp"
#include "host/cli/terminal.hpp"
#include "host/cli/token_list.hpp"

namespace tenon::cli {
namespace {

constexpr std::size_t k_shown = 8;
constexpr const char* k_default_prompt = "The quick brown fox jumps over the lazy dog.";

struct BisectOptions {
  OutputOptions output;
  std::string model, a = "cpu/reference", b = "auto", cache_type = "f32", bundle = "tenon-bundle";
  std::string prompt = k_default_prompt;
  std::optional<std::string> tokens;
  std::vector<std::string> kernels, plugins;
  std::int64_t batch = 64, single = 2;
  std::uint32_t threads = 0;
};

Syntax syntax(BisectOptions& o) {
  const FlagGroup flags = {
      "Bisect",
      {
          {"a", &o.a, "BACKEND", "the backend that is right: cpu/reference"},
          {"b", &o.b, "BACKEND", "the one in question: vulkan, cpu/avx2, cpu/0"},
          {"prompt,p", &o.prompt, "TEXT", "the text to compute, as it is"},
          {"tokens", &o.tokens, "IDS", "or token ids, comma-separated"},
          {"batch", &o.batch, "N", "rows of a step"},
          {"single", &o.single, "N", "so many tokens at the end get a step each"},
          {"cache-type", &o.cache_type, "TYPE", "f16, f32 or q8_0"},
          {"kernel", &o.kernels, "RULE=ID", "pin a kernel of b: OP[DTYPES]@DEVICE=ID"},
          {"threads,t", &o.threads, "N", "default: every usable core"},
          {"output,o", &o.bundle, "DIR", "the op that differs goes here, for `tenon replay`"},
      }};
  return {.usage = "tenon bisect MODEL --b BACKEND [--a BACKEND] [-p TEXT] [flags]",
          .examples =
              "  tenon bisect model.gguf --a cpu/reference --b vulkan -p \"Hello\"\n"
              "  tenon replay tenon-bundle --backend vulkan\n",
          .arguments = {model_argument(o.model)},
          .required = 1,
          .groups = {flags, plugin_flags(o.plugins), output_flags(o.output)}};
}

Json document(const BisectReport& r, const std::string& bundle) {
  Json lockstep = Json::array();
  for (const Divergence& d : r.lockstep) lockstep.push_back(to_json(d));
  Json j = {{"a", r.backend_a},
            {"b", r.backend_b},
            {"ops", r.ops},
            {"steps", r.steps},
            {"holds", r.holds()},
            {"lockstep", std::move(lockstep)},
            {"free_running", Json()},
            {"logits_nmse", r.logits_nmse},
            {"plan", {{"nmse", r.plan_nmse}, {"limit", r.plan_limit}, {"holds", r.plan_holds()}}},
            {"bundle", r.lockstep.empty() ? Json() : Json(bundle)}};
  if (r.free_running) j["free_running"] = to_json(*r.free_running);
  return j;
}

void print_text(const BisectReport& r, const std::string& bundle) {
  std::cout << r.backend_a << " and " << r.backend_b << ": " << r.ops << " ops in " << r.steps
            << " steps\n";
  if (r.lockstep.empty()) std::cout << "lockstep  every op holds\n";
  if (!r.lockstep.empty()) {
    std::cout << "lockstep  " << r.lockstep.size() << " ops differ; the first:\n"
              << text_of(r.lockstep.front()) << "  bundle  " << printable(bundle) << '\n';
    for (std::size_t i = 1; i < std::min(r.lockstep.size(), k_shown); ++i)
      std::cout << "  also    " << one_line(r.lockstep[i]) << '\n';
  }
  if (r.free_running)
    std::cout << "free      first beyond 100 times the widest gate so far: "
              << one_line(*r.free_running) << '\n';
  else
    std::cout << "free      no op beyond 100 times the widest gate so far; logits: NMSE "
              << r.logits_nmse << '\n';
  std::cout << "plan      "
            << (r.plan_holds() ? "the whole gives what its ops give alone: NMSE "
                               : "the whole differs from its ops alone (buffers, order): NMSE ")
            << r.plan_nmse << '\n';
}

Status run(BisectOptions& o) {
  const Interrupt interrupt;
  auto logger = make_logger(o.output);
  if (!logger) return fail(logger);
  BisectRecipe recipe{.model = o.model,
                      .a = o.a,
                      .b = o.b,
                      .prompt = o.prompt,
                      .batch = o.batch,
                      .single = o.single,
                      .cache_type = o.cache_type,
                      .kernels = o.kernels,
                      .threads = o.threads,
                      .bundle = o.bundle};
  if (o.tokens) {
    auto tokens = parse_token_list(*o.tokens);
    if (!tokens) return fail(tokens);
    recipe.tokens = std::move(*tokens);
  }
  PluginSearch search{.logger = *logger};
  search.files.assign(o.plugins.begin(), o.plugins.end());
  Progress progress(o.output, "comparing");
  const auto report = bisect(recipe, search, [&](double fraction) {
    progress.update("ops", fraction);
    return !interrupt.raised();
  });
  progress.clear();
  if (!report) return fail(report);
  o.output.json ? print_json(document(*report, o.bundle)) : print_text(*report, o.bundle);
  if (report->holds()) return {};
  return fail(
      ErrorCode::gate,
      recipe.a + " and " + recipe.b + " differ" +
          (report->lockstep.empty() ? std::string() : ": " + one_line(report->lockstep.front())));
}

}  // namespace

extern const Command k_bisect =
    command<BisectOptions, syntax, run>("bisect", "The first op at which two backends differ");

}  // namespace tenon::cli
