// Choice of the template, probes of what it reads, conversions to that.
#include "framework/text/prompt_writer.hpp"

namespace tenon {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view k_probe = "TenonProbe";

Json part_of(const Json& text) { return {{"type", "text"}, {"text", text}}; }

// Whether the template writes the content of a message, and not what a list looks like.
bool shows(const ChatTemplate& chat_template, const Json& content) {
  ChatInputs in;
  in.messages = Json::array({Json{{"role", "user"}, {"content", content}}});
  in.limits.steps = 1'000'000;
  in.now = 0;
  const auto prompt = chat_template.render(in);
  if (!prompt) return false;
  const auto has = [&](std::string_view part) {
    return prompt->text.find(part) != prompt->text.npos;
  };
  return has(k_probe) && !has("'text'") && !has("\"text\"");
}

// The texts of a list of parts, one a line; nothing when a part is no text.
std::optional<std::string> joined_texts(const Json& parts) {
  std::string text;
  for (const Json& part : parts) {
    if (!part.is_object() || !part.contains("text") || !part["text"].is_string())
      return std::nullopt;
    if (&part != &parts.front()) text += '\n';
    text += part["text"].get_ref<const std::string&>();
  }
  return text;
}

void convert_content(Json& message, bool texts, bool parts) {
  const auto content = message.find("content");
  if (content == message.end()) return;
  if (content->is_string() && parts && !texts) *content = Json::array({part_of(*content)});
  if (content->is_array() && texts && !parts)
    if (auto text = joined_texts(*content)) *content = std::move(*text);
}

// Arguments as JSON text, as OpenAI's interface has them, become what they say.
bool parse_arguments(Json& call) {
  if (!call.is_object()) return false;
  Json& function = call.contains("function") ? call["function"] : call;
  if (!function.is_object() || !function.contains("arguments")) return false;
  Json& arguments = function["arguments"];
  if (!arguments.is_string()) return false;
  Json parsed = Json::parse(arguments.get_ref<const std::string&>(), nullptr, false);
  if (!parsed.is_object()) return false;
  arguments = std::move(parsed);
  return true;
}

bool parse_all_arguments(Json& messages) {
  bool any = false;
  for (Json& message : messages)
    if (message.is_object() && message.contains("tool_calls") && message["tool_calls"].is_array())
      for (Json& call : message["tool_calls"]) any |= parse_arguments(call);
  return any;
}

std::string text_of(const Vocab& vocab, std::optional<TokenId> id) {
  return id ? std::string(vocab.text(*id)) : std::string();
}

}  // namespace

PromptWriter::Reader PromptWriter::probe(std::string_view source) {
  Reader reader{ChatTemplate::parse(std::string(source))};
  if (!reader.parsed) return reader;
  const Json text(k_probe);
  reader.texts = shows(*reader.parsed, text);
  reader.parts = shows(*reader.parsed, Json::array({part_of(text)}));
  return reader;
}

PromptWriter PromptWriter::read(const GgufMetadata& metadata, const std::string& file,
                                const Vocab& vocab) {
  PromptWriter writer;
  writer.file_ = file;
  writer.bos_ = text_of(vocab, vocab.bos);
  writer.eos_ = text_of(vocab, vocab.eos);
  const auto probed = [&](std::string_view key) -> std::optional<Reader> {
    const auto source = metadata.get_string(key);
    if (!source) return Reader{fail(source)};
    if (!*source) return std::nullopt;
    return probe(**source);
  };
  writer.usual_ = probed("tokenizer.chat_template");
  writer.with_tools_ = probed("tokenizer.chat_template.tool_use");
  return writer;
}

Result<Prompt> PromptWriter::write(ChatInputs inputs) const {
  const bool tools = inputs.tools.is_array() && !inputs.tools.empty();
  const std::optional<Reader>& reader = (tools && with_tools_) || !usual_ ? with_tools_ : usual_;
  if (!reader)
    return fail(ErrorCode::model,
                file_ + ": tokenizer.chat_template is missing; use the raw prompt",
                Setting::chat_template);
  if (!reader->parsed)
    return fail(ErrorCode::model, file_ + ": " + reader->parsed.error().message());
  inputs.bos_token = bos_;
  inputs.eos_token = eos_;
  for (Json& message : inputs.messages)
    if (message.is_object()) convert_content(message, reader->texts, reader->parts);
  ChatInputs as_given = inputs;
  const bool changed = parse_all_arguments(inputs.messages);
  Result<Prompt> prompt = reader->parsed->render(inputs);
  // Some templates add the arguments to a text: they want them as they came.
  if (!prompt && changed && prompt.error().code() == ErrorCode::model) {
    Result<Prompt> second = reader->parsed->render(as_given);
    if (second) return second;
  }
  if (!prompt && prompt.error().code() == ErrorCode::model)
    return fail(ErrorCode::model, file_ + ": " + prompt.error().message());
  return prompt;
}

}  // namespace tenon
