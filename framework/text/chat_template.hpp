// ChatTemplate: a model's Jinja template, which turns a conversation into a prompt.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "framework/base/result.hpp"
#include "framework/jinja/budget.hpp"
#include "framework/text/text_range.hpp"

namespace tenon {

struct ChatInputs {
  nlohmann::ordered_json messages = nlohmann::ordered_json::array();
  nlohmann::ordered_json tools;  // null: none
  bool add_generation_prompt = true;
  std::string bos_token, eos_token;
  nlohmann::ordered_json extra = nlohmann::ordered_json::object();  // further variables
  std::optional<std::int64_t> now;  // seconds since 1970 for strftime_now; none: the clock
  jinja::StopFn stop;               // asked while rendering: an error ends it
  jinja::Limits limits;
};

struct Prompt {
  std::string text;
  // What came from messages, tools and variables, not from the template: in it the text of a
  // control token is just text. Roles are the template's, as it makes tokens of them.
  std::vector<TextRange> plain;
  std::uint64_t steps = 0;  // what it took of its limits
  std::size_t peak_bytes = 0;
};

// Behaves as transformers' apply_chat_template. Templates come with model files and are not
// trusted: time, memory, output and nesting are limited (jinja/limits.hpp).
class ChatTemplate {
 public:
  // Errors of both (ErrorCode::model) name the template's line.
  static Result<ChatTemplate> parse(std::string source);
  Result<Prompt> render(const ChatInputs& inputs) const;  // [thread-safe]

  const std::string& source() const;

 private:
  struct Parsed;
  explicit ChatTemplate(std::shared_ptr<const Parsed> parsed) : parsed_(std::move(parsed)) {}
  std::shared_ptr<const Parsed> parsed_;
};

}  // namespace tenon
