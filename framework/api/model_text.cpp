// ModelText over the tokenizer and the chat template of a model file.
#include <fmt/format.h>

#include "framework/api/template_inputs.hpp"
#include "framework/engine/load/model.hpp"
#include "framework/text/prompt_writer.hpp"
#include "framework/text/stream/detokenizer.hpp"

namespace tenon {
struct ModelText::Impl {
  TextModel model;
  PromptWriter prompts;
};

ModelText::ModelText(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}
ModelText::ModelText(ModelText&&) noexcept = default;
ModelText& ModelText::operator=(ModelText&&) noexcept = default;
ModelText::~ModelText() = default;

Result<ModelText> ModelText::open(const std::filesystem::path& path) {
  auto model = open_text_model(path);
  if (!model) return fail(model);
  PromptWriter prompts =
      PromptWriter::read(model->file->metadata(), model->file->name(), model->tokenizer.vocab());
  return ModelText(std::unique_ptr<const Impl>(new Impl{std::move(*model), std::move(prompts)}));
}

std::int64_t ModelText::n_vocab() const {
  return static_cast<std::int64_t>(impl_->model.tokenizer.vocab_size());
}

Result<std::vector<Token>> ModelText::tokenize(std::string_view text, bool add_special,
                                               bool parse_special) const {
  return impl_->model.tokenizer.encode(text, {add_special, parse_special});
}

Result<std::string> ModelText::detokenize(std::span<const Token> tokens,
                                          bool control_tokens) const {
  const Tokenizer& tokenizer = impl_->model.tokenizer;
  for (const Token id : tokens)
    if (!tokenizer.vocab().contains(id))
      return fail(ErrorCode::usage,
                  fmt::format("token id {} is not below {}, the vocabulary's size", id, n_vocab()));
  return tenon::detokenize(tokenizer, tokens, {.control_tokens = control_tokens});
}

std::string ModelText::piece(Token token) const { return impl_->model.tokenizer.piece(token); }

Result<std::string> ModelText::render(const TemplateInputs& inputs) const {
  auto prompt = impl_->prompts.write(inputs.impl_->inputs);
  if (!prompt) return fail(prompt);
  return std::move(prompt->text);
}

}  // namespace tenon
