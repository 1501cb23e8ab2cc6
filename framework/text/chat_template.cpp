// Gives the interpreter the variables that transformers gives jinja2.
#include "framework/text/chat_template.hpp"

#include "framework/jinja/guarded.hpp"
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

namespace {

std::vector<TextRange> plain_ranges(const jinja::Text& text) {
  std::vector<TextRange> ranges;
  for (std::size_t i = 0; text.plain != nullptr && i < text.size(); ++i) {
    if (text.plain[i] == 0) continue;
    if (ranges.empty() || ranges.back().end != i) ranges.push_back({i, i});
    ++ranges.back().end;
  }
  return ranges;
}

}  // namespace

Result<Prompt> ChatTemplate::render(const ChatInputs& inputs) const {
  return jinja::guarded(inputs.limits, inputs.stop, [&](jinja::Runtime& rt) {
    rt.now = inputs.now;
    jinja::Interpreter interpreter(rt);
    interpreter.define("messages", rt.from_json(with_reasoning(inputs.messages)));
    interpreter.define("tools", rt.from_json(inputs.tools));
    interpreter.define("documents", jinja::Value::none());
    interpreter.define("add_generation_prompt",
                       jinja::Value::boolean(inputs.add_generation_prompt));
    interpreter.define("bos_token", rt.from_json(inputs.bos_token, false));
    interpreter.define("eos_token", rt.from_json(inputs.eos_token, false));
    for (const auto& [name, value] : inputs.extra.items())
      interpreter.define(name, rt.from_json(value));
    const jinja::Text text = interpreter.run(parsed_->ast.body);
    return Prompt{std::string(text.chars), plain_ranges(text), rt.steps(), rt.peak_bytes()};
  });
}

}  // namespace tenon
