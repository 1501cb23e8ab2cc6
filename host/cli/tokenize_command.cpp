// tenon tokenize: text to ids and pieces; needs no backend.
#include <iostream>
#include <sstream>

#include "framework/include/tenon/model_text.hpp"
#include "host/cli/engine_setup.hpp"

namespace tenon::cli {
namespace {

struct TokenizeFlags {
  OutputOptions output;
  std::string model, text;
  bool from_stdin = false, no_special = false;
};

Syntax syntax(TokenizeFlags& o) {
  Syntax s{"tenon tokenize MODEL (TEXT | --stdin) [flags]",
           "",
           po::options_description("", 100),
           {{"model", 1}, {"text", 1}}};
  po::options_description flags("Tokenize", 100);
  flags.add_options()("model", po::value(&o.model)->value_name("MODEL"), "the model file (GGUF)")(
      "text", po::value(&o.text)->value_name("TEXT"), "the text")(
      "stdin", po::bool_switch(&o.from_stdin), "read the text from stdin")(
      "no-special", po::bool_switch(&o.no_special), "special-token text is plain text");
  s.flags.add(flags).add(output_flags(o.output));
  return s;
}

}  // namespace

Syntax tokenize_syntax() { return described(syntax); }

Status tokenize_command(const Arguments& arguments) {
  TokenizeFlags o;
  Syntax s = syntax(o);
  const auto parsed = parse(arguments, s);
  if (!parsed) return fail(parsed);
  if (parsed->help_shown) return {};
  if (o.model.empty()) return fail(ErrorCode::usage, "no MODEL given; see `tenon help tokenize`");
  if (parsed->values.contains("text") == o.from_stdin)
    return fail(ErrorCode::usage, "give either TEXT or --stdin");
  if (o.from_stdin) {
    std::stringstream text;
    text << std::cin.rdbuf();
    o.text = text.str();
  }
  const auto model = ModelText::open(o.model);
  if (!model) return fail(model);
  const auto ids = model->tokenize(o.text, true, !o.no_special);
  if (!ids) return fail(ids);
  if (o.output.json) {
    Json pieces = Json::array();
    for (const Token id : *ids) pieces.push_back(model->piece(id));
    print_json({{"ids", *ids}, {"pieces", std::move(pieces)}});
    return {};
  }
  for (const Token id : *ids)
    std::cout << id << '\t'
              << Json(model->piece(id)).dump(-1, ' ', false, Json::error_handler_t::replace)
              << '\n';
  return {};
}

}  // namespace tenon::cli
