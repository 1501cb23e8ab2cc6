// tenon detokenize: token ids to text; needs no backend.
#include <iostream>

#include "framework/include/tenon/model_text.hpp"
#include "host/cli/command.hpp"
#include "host/cli/engine_setup.hpp"
#include "host/cli/token_list.hpp"

namespace tenon::cli {
namespace {

struct DetokenizeOptions {
  OutputOptions output;
  std::string model, tokens;
  bool no_special = false;
};

Syntax syntax(DetokenizeOptions& o) {
  const FlagGroup flags = {
      "Detokenize", {{"no-special", &o.no_special, "", "leave out control tokens such as bos"}}};
  return {.usage = "tenon detokenize MODEL 1,2,3 [flags]",
          .examples = "",
          .arguments = {model_argument(o.model),
                        {"tokens", &o.tokens, "IDS", "token ids, separated by commas"}},
          .required = 2,
          .groups = {flags, output_flags(o.output)}};
}

Status run(DetokenizeOptions& o) {
  const auto ids = parse_token_list(o.tokens);
  if (!ids) return fail(ids);
  const auto model = ModelText::open(o.model);
  if (!model) return fail(model);
  const auto text = model->detokenize(*ids, !o.no_special);
  if (!text) return fail(text);
  if (o.output.json) {
    Json pieces = Json::array();
    for (const Token id : *ids) pieces.push_back(model->piece(id));
    print_json({{"text", *text}, {"pieces", std::move(pieces)}});
    return {};
  }
  std::cout << *text << '\n';
  return {};
}

}  // namespace

extern const Command k_detokenize =
    command<DetokenizeOptions, syntax, run>("detokenize", "Token ids to text");

}  // namespace tenon::cli
