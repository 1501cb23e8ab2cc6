// tenon make-model: a file of a published shape with random weights.
#include <algorithm>
#include <cctype>
#include <iostream>

#include "framework/include/tenon/make_model.hpp"
#include "host/cli/command.hpp"
#include "host/cli/engine_setup.hpp"
#include "host/cli/printable.hpp"
#include "host/cli/terminal.hpp"

namespace tenon::cli {
namespace {

struct MakeModelOptions {
  OutputOptions output;
  std::vector<std::string> plugins;
  std::string arch, shape, mix = "Q4_K_M", tokenizer, path;
  std::optional<std::uint64_t> seed;
  std::uint32_t layers = 0;
  bool sparse = false;
};

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

Syntax syntax(MakeModelOptions& o) {
  const FlagGroup model = {
      "Model",
      {
          {"shape", &o.shape, "SHAPE", "a published model, such as qwen3-1.7b"},
          {"arch", &o.arch, "ARCH",
           "the architecture; --shape may then be the end of a name: 1.7b"},
          {"mix", &o.mix, "MIX", "types of the weights: Q4_K_M, Q8_0, F16, all-Q4_K, …"},
          {"layers", &o.layers, "N", "fewer or more layers than the shape has"},
          {"seed", &o.seed, "N", "of the weights; the same seed gives the same bytes"},
          {"sparse", &o.sparse, "", "matrices of zeros that take no room on the disk"},
          {"tokenizer", &o.tokenizer, "FILE", "take the tokenizer of this model file"},
      }};
  return {.usage = "tenon make-model --shape SHAPE [--arch ARCH] [--mix MIX] [flags] OUT.gguf",
          .examples =
              "  tenon make-model --arch qwen3 --shape 1.7b --mix q4_k_m model.gguf\n"
              "\nShapes: " +
              joined(model_shapes()) + "\nMixes: " + joined(model_mixes()) + "\n",
          .arguments = {{"path", &o.path, "OUT.gguf", "the file to write"}},
          .required = 1,
          .groups = {model, plugin_flags(o.plugins), output_flags(o.output)}};
}

std::string lower(std::string word) {
  std::ranges::transform(word, word.begin(), [](unsigned char c) { return std::tolower(c); });
  return word;
}

// A name near to a wrong one is offered; where none is, the library lists them all.
Status check_name(const char* what, const std::string& word, std::vector<std::string> names) {
  std::ranges::transform(names, names.begin(), lower);
  if (std::ranges::count(names, lower(word)) > 0) return {};
  const std::string near = nearest(lower(word), names);
  if (near.empty()) return {};
  return fail(ErrorCode::usage,
              std::string("there is no ") + what + " \"" + word + "\"; did you mean " + near + "?");
}

Status check(const MakeModelOptions& o) {
  if (o.shape.empty()) return fail(ErrorCode::usage, "no --shape SHAPE given");
  if (Status s = check_name("mix", o.mix, model_mixes()); !s) return s;
  return o.arch.empty() ? check_name("shape", o.shape, model_shapes()) : Status();
}

Json document(const MadeModel& m, const std::string& path) {
  return {{"output", path},       {"arch", m.arch},
          {"shape", m.shape},     {"mix", m.mix},
          {"layers", m.layers},   {"vocabulary", m.vocabulary},
          {"tensors", m.tensors}, {"parameters", m.parameters},
          {"bytes", m.bytes}};
}

Status run(MakeModelOptions& o) {
  if (Status status = check(o); !status) return status;
  const Interrupt interrupt;
  auto logger = make_logger(o.output);
  if (!logger) return fail(logger);
  Progress progress(o.output, "writing");
  PluginSearch search{.logger = *logger};
  search.files.assign(o.plugins.begin(), o.plugins.end());
  const ModelRecipe recipe{.shape = o.shape,
                           .arch = o.arch,
                           .mix = o.mix,
                           .seed = o.seed.value_or(0),
                           .layers = o.layers,
                           .sparse = o.sparse,
                           .tokenizer = o.tokenizer};
  const auto made = make_model(recipe, o.path, search, [&](double fraction) {
    progress.update("weights", fraction);
    return !interrupt.raised();
  });
  progress.clear();
  if (!made) return fail(made);
  if (o.output.json)
    print_json(document(*made, o.path));
  else if (!o.output.quiet)
    std::cerr << printable(o.path) << ": " << made->shape << ", " << made->mix << ", "
              << made->layers << " layers, " << made->tensors << " tensors, vocabulary of "
              << made->vocabulary << ", " << human_bytes(made->bytes) << ", synthetic weights\n";
  return {};
}

}  // namespace

extern const Command k_make_model = command<MakeModelOptions, syntax, run>(
    "make-model", "Write a model file of a published shape with random weights");

}  // namespace tenon::cli
