// tenon logits: float32 logits of every position, or of the last, as .npy.
#include <iostream>

#include "framework/include/tenon/npy_writer.hpp"
#include "host/cli/engine_setup.hpp"
#include "host/cli/token_list.hpp"

namespace tenon::cli {
namespace {

struct LogitsFlags {
  OutputOptions output;
  EngineOptions engine;
  std::string tokens, prompt, path;
  std::int64_t chunk = 0;
  bool last = false;
};

constexpr std::int64_t k_rows_per_step = 128;  // bounds the memory of the logits

Syntax syntax(LogitsFlags& o) {
  Syntax s{"tenon logits MODEL (--tokens 1,2,3 | --prompt TEXT) --output OUT.npy [flags]",
           "  tenon logits model.gguf --tokens 1,2,3 --output logits.npy --cache-type f32\n",
           po::options_description("", 100),
           {{"model", 1}}};
  po::options_description flags("Logits", 100);
  flags.add_options()("tokens", po::value(&o.tokens)->value_name("IDS"),
                      "token ids, comma-separated")(
      "prompt", po::value(&o.prompt)->value_name("TEXT"), "or a text, tokenised as it is")(
      "output,o", po::value(&o.path)->value_name("FILE"), "float32 (T, vocab) .npy")(
      "last", po::bool_switch(&o.last), "only the last position: (1, vocab)")(
      "chunk", po::value(&o.chunk)->value_name("N"), "rows per step");
  s.flags.add(flags).add(engine_flags(o.engine)).add(output_flags(o.output));
  return s;
}

Status check(const LogitsFlags& o, const po::variables_map& values) {
  if (Status s = require_model(o.engine); !s) return s;
  if (values.contains("tokens") == values.contains("prompt"))
    return fail(ErrorCode::usage, "give either --tokens or --prompt");
  if (o.path.empty()) return fail(ErrorCode::usage, "no --output FILE given");
  if (o.chunk < 0) return fail(ErrorCode::usage, "--chunk must be positive");
  return {};
}

}  // namespace

Syntax logits_syntax() { return described(syntax); }

Status logits_command(const Arguments& arguments) {
  LogitsFlags o;
  Syntax s = syntax(o);
  const auto parsed = parse(arguments, s);
  if (!parsed) return fail(parsed);
  if (parsed->help_shown) return {};
  if (Status status = check(o, parsed->values); !status) return status;

  const Interrupt interrupt;
  const std::int64_t rows = o.chunk > 0 ? o.chunk : k_rows_per_step;
  o.engine.batch = o.last && o.chunk == 0 ? o.engine.batch : rows;
  Engine::Builder builder = builder_from(o.engine);
  builder.logits_rows(o.last ? 1 : rows);
  auto engine = load_engine(std::move(builder), o.output, interrupt);
  if (!engine) return fail(engine);
  const auto tokens =
      parsed->values.contains("tokens") ? parse_token_list(o.tokens) : engine->tokenize(o.prompt);
  if (!tokens) return fail(tokens);
  auto writer = NpyWriter::create(o.path, static_cast<std::uint64_t>(engine->n_vocab()));
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

}  // namespace tenon::cli
