// tenon tokenize: text to ids and pieces; needs no backend.
#include <iostream>

#include "framework/include/tenon/model_text.hpp"
#include "host/cli/command.hpp"
#include "host/cli/engine_setup.hpp"
#include "host/cli/input.hpp"
#include "host/cli/printable.hpp"

namespace tenon::cli {
namespace {

struct TokenizeOptions {
  OutputOptions output;
  std::string model;
  std::optional<std::string> text;
  bool from_stdin = false, no_special = false;
};

Syntax syntax(TokenizeOptions& o) {
  const FlagGroup flags = {
      "Tokenize",
      {
          {"stdin", &o.from_stdin, "", "read the text from stdin"},
          {"no-special", &o.no_special, "", "special-token text is plain text"},
      }};
  return {.usage = "tenon tokenize MODEL (TEXT | --stdin) [flags]",
          .examples = "",
          .arguments = {model_argument(o.model), {"text", &o.text, "TEXT", "the text"}},
          .required = 1,
          .groups = {flags, output_flags(o.output)}};
}

// As in JSON; the rest of what steers a terminal is escaped as well.
std::string piece_text(const std::string& piece) {
  const std::string text = Json(piece).dump(-1, ' ', false, Json::error_handler_t::replace);
  return printable_lines(text);
}

Status run(TokenizeOptions& o) {
  if (o.text.has_value() == o.from_stdin)
    return fail(ErrorCode::usage, "give either TEXT or --stdin");
  if (o.from_stdin) {
    auto text = read_stdin();
    if (!text) return fail(text);
    o.text = std::move(*text);
  }
  const auto model = ModelText::open(o.model);
  if (!model) return fail(model);
  const auto ids = model->tokenize(*o.text, true, !o.no_special);
  if (!ids) return fail(ids);
  if (o.output.json) {
    Json pieces = Json::array();
    for (const Token id : *ids) pieces.push_back(model->piece(id));
    print_json({{"ids", *ids}, {"pieces", std::move(pieces)}});
    return {};
  }
  for (const Token id : *ids) std::cout << id << '\t' << piece_text(model->piece(id)) << '\n';
  return {};
}

}  // namespace

extern const Command k_tokenize =
    command<TokenizeOptions, syntax, run>("tokenize", "Text to token ids");

}  // namespace tenon::cli
