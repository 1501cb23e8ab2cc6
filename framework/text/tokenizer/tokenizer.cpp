// Cuts out special tokens, hands the rest to the encoder of the vocabulary's kind.
#include "framework/text/tokenizer/tokenizer.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "framework/base/utf8.hpp"
#include "framework/text/tokenizer/end_of_generation.hpp"

namespace tenon {
namespace {

// Positions within a text are 32-bit, and escaping triples a space.
constexpr std::size_t k_max_text = std::size_t{1} << 29;

}  // namespace

Tokenizer::Tokenizer(Vocab vocab, const VocabData& data)
    : vocab_(std::make_unique<const Vocab>(std::move(vocab))),
      special_tokens_(*vocab_, data.name),
      end_of_generation_(end_of_generation_tokens(*vocab_)),
      add_bos_(data.add_bos.value_or(find_text_encoder_kind(data.model)->add_bos(data)) &&
               vocab_->bos),
      add_eos_(data.add_eos.value_or(false) && vocab_->eos) {}

Result<Tokenizer> Tokenizer::create(const VocabData& data) {
  const TextEncoderKind* kind = find_text_encoder_kind(data.model);
  if (kind == nullptr)
    return fail(ErrorCode::model,
                fmt::format("tokenizer.ggml.model: '{:.64}' is not supported", data.model));
  Result<Vocab> vocab = Vocab::create(data);
  if (!vocab) return fail(vocab);
  Tokenizer tokenizer(std::move(*vocab), data);
  Result<std::unique_ptr<const TextEncoder>> encoder = kind->create(*tokenizer.vocab_, data);
  if (!encoder) return fail(encoder);
  tokenizer.encoder_ = std::move(*encoder);
  return tokenizer;
}

Result<std::vector<TokenId>> Tokenizer::encode(std::string_view text, EncodeOptions options) const {
  if (text.size() > k_max_text)
    return fail(ErrorCode::limit, fmt::format("text to tokenize: {} bytes, the limit is {}",
                                              text.size(), k_max_text));
  std::string repaired;
  TextRange whole{0, 0};
  if (!utf8::is_valid(text)) {
    text = repaired = utf8::repair(text);
    whole.end = text.size();  // a repair moves what stands behind it: nothing is a control token
    if (!options.plain.empty()) options.plain = {&whole, 1};
  }
  std::vector<TokenId> out;
  if (options.add_special && add_bos_) out.push_back(*vocab_->bos);
  bool first = true;
  for (std::size_t at = 0; at < text.size();) {
    SpecialTokens::Match match =
        special_tokens_.find(text, at, options.parse_special, options.plain);
    const std::size_t end = match.id >= 0 ? match.begin : text.size();
    if (end > at) {
      if (Status s = encoder_->encode(text.substr(at, end - at), first, out); !s) return fail(s);
    }
    first = match.id >= 0;
    if (match.id >= 0) out.push_back(match.id);
    at = match.id >= 0 ? match.end : end;
  }
  if (options.add_special && add_eos_ && !options.open_end) out.push_back(*vocab_->eos);
  return out;
}

std::string Tokenizer::piece(TokenId id) const {
  return vocab_->contains(id) ? encoder_->piece(id) : std::string();
}

bool Tokenizer::is_control(TokenId id) const {
  return vocab_->contains(id) &&
         (vocab_->type(id) == TokenType::control || vocab_->type(id) == TokenType::unknown);
}

bool Tokenizer::is_special(TokenId id) const {
  return is_control(id) || (vocab_->contains(id) && vocab_->type(id) == TokenType::user_defined);
}

bool Tokenizer::is_end_of_generation(TokenId id) const {
  return std::binary_search(end_of_generation_.begin(), end_of_generation_.end(), id);
}

}  // namespace tenon
