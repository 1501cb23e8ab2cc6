// tenon detokenize: token ids to text; needs no backend.
#include <iostream>

#include "framework/include/tenon/model_text.hpp"
#include "host/cli/engine_setup.hpp"
#include "host/cli/token_list.hpp"

namespace tenon::cli {
namespace {

struct DetokenizeFlags {
  OutputOptions output;
  std::string model, tokens;
  bool no_special = false;
};

Syntax syntax(DetokenizeFlags& o) {
  Syntax s{"tenon detokenize MODEL 1,2,3 [flags]",
           "",
           po::options_description("", 100),
           {{"model", 1}, {"tokens", 1}}};
  po::options_description flags("Detokenize", 100);
  flags.add_options()("model", po::value(&o.model)->value_name("MODEL"), "the model file (GGUF)")(
      "tokens", po::value(&o.tokens)->value_name("IDS"), "token ids, separated by commas")(
      "no-special", po::bool_switch(&o.no_special), "leave out control tokens such as bos");
  s.flags.add(flags).add(output_flags(o.output));
  return s;
}

}  // namespace

Syntax detokenize_syntax() { return described(syntax); }

Status detokenize_command(const Arguments& arguments) {
  DetokenizeFlags o;
  Syntax s = syntax(o);
  const auto parsed = parse(arguments, s);
  if (!parsed) return fail(parsed);
  if (parsed->help_shown) return {};
  if (o.model.empty()) return fail(ErrorCode::usage, "no MODEL given; see `tenon help detokenize`");
  if (!parsed->values.contains("tokens"))
    return fail(ErrorCode::usage, "give token ids, such as 1,2,3");
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

}  // namespace tenon::cli
