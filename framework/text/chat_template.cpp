// Gives the interpreter the variables that transformers gives jinja2.
#include "framework/text/chat_template.hpp"

#include "framework/jinja/interpreter.hpp"
#include "framework/jinja/parser.hpp"

namespace tenon {

namespace {

using Json = nlohmann::ordered_json;

// Clients name a message's reasoning in three ways; templates read the first, gpt-oss the second.
constexpr const char* k_reasoning[] = {"reasoning_content", "thinking", "reasoning"};

Json with_reasoning(const Json& messages) {
  Json out = messages;
  if (!out.is_array()) return out;
  for (Json& message : out) {
    if (!message.is_object()) continue;
    for (const char* name : k_reasoning) {
      const auto found = message.find(name);
      if (found == message.end() || found->is_null()) continue;
      const Json text = *found;
      if (!message.contains("thinking")) message["thinking"] = text;
      message["reasoning_content"] = text;
      break;
    }
  }
  return out;
}

}  // namespace

struct ChatTemplate::Parsed {
  std::string source;
  jinja::Ast ast;
};

Result<ChatTemplate> ChatTemplate::parse(std::string source) {
  Result<jinja::Ast> ast = jinja::parse(source);
  if (!ast) return fail(ast);
  return ChatTemplate(std::make_shared<const Parsed>(Parsed{std::move(source), std::move(*ast)}));
}

const std::string& ChatTemplate::source() const { return parsed_->source; }

Result<std::string> ChatTemplate::render(const ChatInputs& inputs) const {
  jinja::Runtime rt{jinja::Limits{}};
  rt.now = inputs.now;
  jinja::Interpreter interpreter(rt);
  interpreter.define("messages", rt.from_json(with_reasoning(inputs.messages)));
  interpreter.define("tools", rt.from_json(inputs.tools));
  interpreter.define("documents", jinja::Value::none());
  interpreter.define("add_generation_prompt", jinja::Value::boolean(inputs.add_generation_prompt));
  interpreter.define("bos_token", rt.string(inputs.bos_token));
  interpreter.define("eos_token", rt.string(inputs.eos_token));
  for (const auto& [name, value] : inputs.extra.items())
    interpreter.define(name, rt.from_json(value));
  std::string text = interpreter.run(parsed_->ast.body);
  if (rt.failed()) return tl::unexpected<Error>(rt.error());
  return text;
}

}  // namespace tenon
