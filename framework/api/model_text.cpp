// ModelText over the tokenizer and the chat template of a model file.
#include <fmt/format.h>

#include "framework/api/template_inputs.hpp"
#include "framework/engine/load/model.hpp"
#include "framework/text/stream/detokenizer.hpp"
#include "framework/text/tokenizer/vocab_gguf.hpp"

namespace tenon {
namespace {

std::string text_of(const Vocab& vocab, std::optional<TokenId> id) {
  return id ? std::string(vocab.text(*id)) : std::string();
}

}  // namespace

struct ModelText::Impl {
  TextModel model;
};

ModelText::ModelText(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}
ModelText::ModelText(ModelText&&) noexcept = default;
ModelText& ModelText::operator=(ModelText&&) noexcept = default;
ModelText::~ModelText() = default;

Result<ModelText> ModelText::open(const std::filesystem::path& path) {
  auto model = open_text_model(path);
  if (!model) return fail(model);
  return ModelText(std::unique_ptr<const Impl>(new Impl{std::move(*model)}));
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
  const GgufFile& file = *impl_->model.file;
  const Vocab& vocab = impl_->model.tokenizer.vocab();
  const auto source = read_chat_template(file.metadata());
  if (!source) return fail(source);
  if (!*source) return fail(ErrorCode::model, file.name() + ": tokenizer.chat_template is missing");
  ChatInputs all = inputs.impl_->inputs;
  all.bos_token = text_of(vocab, vocab.bos);
  all.eos_token = text_of(vocab, vocab.eos);
  const auto parsed = ChatTemplate::parse(std::string(**source));
  auto text = parsed ? parsed->render(all) : fail(parsed);
  if (!text) return fail(ErrorCode::model, file.name() + ": " + text.error().message());
  return std::move(text->text);
}

}  // namespace tenon
