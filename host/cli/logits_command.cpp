// tenon logits: float32 logits of every position, or of the last, as .npy.
#include <iostream>

#include "framework/include/tenon/npy_writer.hpp"
#include "host/cli/command.hpp"
#include "host/cli/engine_setup.hpp"
#include "host/cli/token_list.hpp"

namespace tenon::cli {
namespace {

struct LogitsFileOptions {
  OutputOptions output;
  EngineOptions engine;
  std::optional<std::string> tokens, prompt;
  std::string path;
  std::int64_t chunk = 0;
  bool last = false;
};

constexpr std::int64_t k_rows_per_step = 128;  // bounds the memory of the logits

FlagGroup logits_flags(LogitsFileOptions& o) {
  return {"Logits",
          {
              {"tokens", &o.tokens, "IDS", "token ids, comma-separated"},
              {"prompt", &o.prompt, "TEXT", "or a text, tokenised as it is"},
              {"output,o", &o.path, "FILE", "float32 (T, vocab) .npy"},
              {"last", &o.last, "", "only the last position: (1, vocab)"},
              {"chunk", &o.chunk, "N", "rows per step"},
          }};
}

Syntax syntax(LogitsFileOptions& o) {
  return {
      .usage = "tenon logits MODEL (--tokens 1,2,3 | --prompt TEXT) --output OUT.npy [flags]",
      .examples = "  tenon logits model.gguf --tokens 1,2,3 --output logits.npy --cache-type f32\n",
      .arguments = {model_argument(o.engine.model)},
      .required = 1,
      .groups = {logits_flags(o), engine_flags(o.engine), output_flags(o.output)}};
}

Status check(const LogitsFileOptions& o) {
  if (o.tokens.has_value() == o.prompt.has_value())
    return fail(ErrorCode::usage, "give either --tokens or --prompt");
  if (o.path.empty()) return fail(ErrorCode::usage, "no --output FILE given");
  if (o.chunk < 0) return fail(ErrorCode::usage, "--chunk must be positive");
  return {};
}

Status run(LogitsFileOptions& o) {
  if (Status status = check(o); !status) return status;

  const Interrupt interrupt;
  const std::int64_t rows = o.chunk > 0 ? o.chunk : k_rows_per_step;
  o.engine.batch = o.last && o.chunk == 0 ? o.engine.batch : rows;
  Engine::Builder builder = builder_from(o.engine);
  builder.logits_rows(o.last ? 1 : rows);
  auto engine = load_engine(std::move(builder), o.output, interrupt);
  if (!engine) return fail(engine);
  const auto tokens = o.tokens ? parse_token_list(*o.tokens) : engine->tokenize(*o.prompt);
  if (!tokens) return fail(tokens);
  auto writer = NpyWriter::create(o.path, static_cast<std::uint64_t>(engine->n_vocab()),
                                  o.last ? 1 : tokens->size());
  if (!writer) return fail(writer);
  std::int64_t written = 0;
  const Status done = engine->logits(*tokens, {o.chunk, o.last, interrupt.flag()},
                                     [&](std::span<const float> row) -> Status {
                                       ++written;
                                       return writer->append(row);
                                     });
  if (!done) return done;
  if (Status status = writer->finish(); !status) return status;
  if (o.output.json)
    print_json({{"output", o.path}, {"rows", written}, {"n_vocab", engine->n_vocab()}});
  return {};
}

}  // namespace

extern const Command k_logits = command<LogitsFileOptions, syntax, run>(
    "logits", "Write the logits of every position to a .npy file");

}  // namespace tenon::cli
