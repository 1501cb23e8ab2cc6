// ModelText: how a model reads and writes: its tokenizer and its chat template. No plugin is
// needed, and no weight is read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "result.hpp"
#include "token.hpp"

namespace tenon {

// What a chat template is given. Errors of both readers are ErrorCode::usage; `name` stands for
// the text in them, such as the file that it came from.
class TemplateInputs {
 public:
  TemplateInputs();
  TemplateInputs(TemplateInputs&&) noexcept;
  TemplateInputs& operator=(TemplateInputs&&) noexcept;
  ~TemplateInputs();

  Status messages(std::string_view json, const std::string& name);  // [{"role": …}, …]
  Status tools(std::string_view json, const std::string& name);     // [{…}, …]
  // A variable of the template, such as enable_thinking, and its value.
  Status argument(const std::string& name, std::string_view json);
  TemplateInputs& generation_prompt(bool on);  // whether the assistant's answer is begun: yes

 private:
  friend class ModelText;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Movable, and immutable once open: any thread may use it.
class ModelText {
 public:
  // Errors: ErrorCode::model if the file is unreadable or its vocabulary is wrong.
  static Result<ModelText> open(const std::filesystem::path& path);

  ModelText(ModelText&&) noexcept;
  ModelText& operator=(ModelText&&) noexcept;
  ~ModelText();

  std::int64_t n_vocab() const;

  // add_special: bos and eos where the model wants them;
  // parse_special: the text of control tokens becomes those tokens.
  Result<std::vector<Token>> tokenize(std::string_view text, bool add_special = true,
                                      bool parse_special = true) const;
  // The inverse, for a whole text.
  // Errors: ErrorCode::usage for an id that is not in the vocabulary.
  Result<std::string> detokenize(std::span<const Token> tokens, bool control_tokens = true) const;
  // The bytes that a token stands for, often part of a character; empty for an id out of range.
  std::string piece(Token token) const;

  // The prompt. Errors: ErrorCode::model if the file has no chat template, or one that fails.
  Result<std::string> render(const TemplateInputs& inputs) const;

 private:
  struct Impl;
  explicit ModelText(std::unique_ptr<const Impl> impl);
  std::unique_ptr<const Impl> impl_;
};

}  // namespace tenon
