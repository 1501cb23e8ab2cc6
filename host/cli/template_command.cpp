// tenon template: the prompt that a model's chat template makes of a conversation; needs no
// backend.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "framework/engine/model.hpp"
#include "framework/text/chat_template.hpp"
#include "framework/text/vocab_gguf.hpp"
#include "host/cli/engine_setup.hpp"

namespace tenon::cli {
namespace {

constexpr int k_max_depth = 64;  // of JSON: templates print it, and printing recurses

struct TemplateFlags {
  OutputOptions output;
  std::string model, messages, tools;
  bool no_generation_prompt = false;
};

Syntax syntax(TemplateFlags& o) {
  Syntax s{"tenon template MODEL --messages FILE.json [--tools FILE.json] [flags]",
           "  tenon template model.gguf --messages chat.json --tools tools.json\n"
           "  echo '[{\"role\": \"user\", \"content\": \"Hi\"}]' | tenon template model.gguf "
           "--messages -\n",
           po::options_description("", 100),
           {{"model", 1}}};
  po::options_description flags("Template", 100);
  flags.add_options()("model", po::value(&o.model)->value_name("MODEL"), "the model file (GGUF)")(
      "messages", po::value(&o.messages)->value_name("FILE"),
      "the conversation, [{\"role\", \"content\"}, ...] as JSON, - for stdin")(
      "tools", po::value(&o.tools)->value_name("FILE"), "the tools, [{...}, ...] as JSON")(
      "no-generation-prompt", po::bool_switch(&o.no_generation_prompt),
      "do not start the answer of the assistant");
  s.flags.add(flags).add(output_flags(o.output));
  return s;
}

Result<std::string> read_text(const std::string& path) {
  std::stringstream text;
  if (path == "-") {
    text << std::cin.rdbuf();
    return text.str();
  }
  std::error_code ignored;
  std::ifstream file(path, std::ios::binary);
  if (!file || std::filesystem::is_directory(path, ignored) || !(text << file.rdbuf()))
    return fail(ErrorCode::usage, path + ": cannot be read, or is empty");
  return text.str();
}

Result<Json> parse_json(const std::string& text, const std::string& path) {
  bool too_deep = false;
  const auto shallow = [&](int depth, Json::parse_event_t, const Json&) {
    too_deep = too_deep || depth > k_max_depth;
    return !too_deep;
  };
  try {
    Json json = Json::parse(text, shallow);
    if (!too_deep) return json;
    return fail(ErrorCode::usage,
                path + ": nested deeper than " + std::to_string(k_max_depth) + " levels");
  } catch (const Json::parse_error& e) {
    return fail(ErrorCode::usage, path + ": byte " + std::to_string(e.byte) + ": not JSON");
  }
}

// A list of objects, each with the text `key` where one is asked for.
Result<Json> read_list(const std::string& path, const char* key) {
  const auto text = read_text(path);
  if (!text) return fail(text);
  auto list = parse_json(*text, path);
  if (!list) return list;
  if (!list->is_array()) return fail(ErrorCode::usage, path + ": not a list [{...}, ...]");
  for (std::size_t i = 0; i < list->size(); ++i) {
    const Json& item = (*list)[i];
    const auto where = path + ": item " + std::to_string(i);
    if (!item.is_object()) return fail(ErrorCode::usage, where + " is not an object {...}");
    if (key != nullptr && (!item.contains(key) || !item[key].is_string()))
      return fail(ErrorCode::usage, where + " has no text \"" + key + "\"");
  }
  return list;
}

std::string text_of(const Tokenizer& tokenizer, std::optional<TokenId> id) {
  return id ? std::string(tokenizer.vocab().text(*id)) : std::string();
}

Result<std::string> render(const std::string& path, ChatInputs inputs) {
  const auto model = open_text_model(path);
  if (!model) return fail(model);
  const auto source = read_chat_template(model->file->metadata());
  if (!source) return fail(source);
  if (!*source) return fail(ErrorCode::model, path + ": tokenizer.chat_template is missing");
  inputs.bos_token = text_of(model->tokenizer, model->tokenizer.vocab().bos);
  inputs.eos_token = text_of(model->tokenizer, model->tokenizer.vocab().eos);
  const auto parsed = ChatTemplate::parse(std::string(**source));
  auto text = parsed ? parsed->render(inputs) : fail(parsed);
  if (!text) return fail(ErrorCode::model, path + ": " + text.error().message());
  return text;
}

}  // namespace

Syntax template_syntax() { return described(syntax); }

Status template_command(const Arguments& arguments) {
  TemplateFlags o;
  Syntax s = syntax(o);
  const auto parsed = parse(arguments, s);
  if (!parsed) return fail(parsed);
  if (parsed->help_shown) return {};
  if (o.model.empty()) return fail(ErrorCode::usage, "no MODEL given; see `tenon help template`");
  if (o.messages.empty()) return fail(ErrorCode::usage, "no --messages FILE given");
  if (o.messages == "-" && o.tools == "-")
    return fail(ErrorCode::usage, "only one of --messages and --tools can be read from stdin");
  ChatInputs inputs;
  inputs.add_generation_prompt = !o.no_generation_prompt;
  auto messages = read_list(o.messages, "role");
  if (!messages) return fail(messages);
  inputs.messages = std::move(*messages);
  if (!o.tools.empty()) {
    auto tools = read_list(o.tools, nullptr);
    if (!tools) return fail(tools);
    inputs.tools = std::move(*tools);
  }
  const auto text = render(o.model, std::move(inputs));
  if (!text) return fail(text);
  if (o.output.json)
    print_json({{"prompt", *text}});
  else
    std::cout << *text;
  return {};
}

}  // namespace tenon::cli
