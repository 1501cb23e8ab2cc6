// Byte-level BPE (`tokenizer.ggml.model` = "gpt2"):
// words of a pre-tokenizer, bytes as first symbols.
#include <array>

#include "framework/text/tokenizer/byte_level.hpp"
#include "framework/text/tokenizer/byte_pair.hpp"
#include "framework/text/tokenizer/nfc.hpp"
#include "framework/text/tokenizer/pre_tokenizer.hpp"
#include "framework/text/tokenizer/text_encoder.hpp"

namespace tenon {
namespace {

class ByteBpe : public TextEncoder {
 public:
  ByteBpe(const Vocab& vocab, Merges merges, PreTokenizer pre_tokenizer, bool named)
      : vocab_(vocab),
        pre_tokenizer_(std::move(pre_tokenizer)),
        merges_(std::move(merges)),
        named_(named) {
    for (std::size_t byte = 0; byte < byte_tokens_.size(); ++byte)
      byte_tokens_[byte] = vocab.find(byte_level_.spell(static_cast<std::uint8_t>(byte)));
  }

  Status encode(std::string_view text, bool, EncodeBudget& budget,
                std::vector<TokenId>& out) const override {
    std::string normalized;
    if (pre_tokenizer_.row().nfc) text = normalized = to_nfc(text);
    Result<std::vector<std::string_view>> words = pre_tokenizer_.split(text, &budget);
    if (!words) return fail(words);
    BytePairMerger merger(merges_.table, budget);
    std::vector<TokenId> symbols;
    for (const std::string_view word : *words) {
      if (!budget.spend(1) || !budget.room_for(out.size())) break;
      if (const TokenId whole = whole_word(word); whole >= 0) {
        out.push_back(whole);
        continue;
      }
      symbols.clear();
      // A byte that has no token is dropped, as llama.cpp does.
      for (const char c : word)
        if (const TokenId id = byte_tokens_[static_cast<std::uint8_t>(c)]; id >= 0)
          symbols.push_back(id);
      merger.run(symbols);
      out.insert(out.end(), symbols.begin(), symbols.end());
    }
    return {};
  }

  std::string piece(TokenId id) const override {
    const std::string_view text = vocab_.text(id);
    const TokenType type = vocab_.type(id);
    const bool literal =
        type == TokenType::control || type == TokenType::user_defined || type == TokenType::unknown;
    if (literal) return std::string(text);
    return byte_level_.bytes(text).value_or(std::string(text));
  }

  std::vector<std::string> findings() const override {
    std::vector<std::string> found = merges_.findings();
    if (!named_)
      found.push_back(
          "tokenizer.ggml.pre is missing: text is cut into words by the rules of \"default\", "
          "which "
          "are seldom the model's own");
    return found;
  }

 private:
  // Control tokens stay out of reach of plain text.
  TokenId whole_word(std::string_view word) const {
    if (!pre_tokenizer_.row().whole_words) return -1;
    const TokenId id = vocab_.find(byte_level_.spell(word));
    return id >= 0 && vocab_.type(id) == TokenType::control ? -1 : id;
  }

  const Vocab& vocab_;
  ByteLevel byte_level_;
  PreTokenizer pre_tokenizer_;
  Merges merges_;
  bool named_;  // whether the file names its pre-tokenizer
  std::array<TokenId, 256> byte_tokens_{};
};

}  // namespace

Result<std::unique_ptr<const TextEncoder>> create_byte_bpe(const Vocab& vocab,
                                                           const VocabData& data) {
  Result<PreTokenizer> pre_tokenizer = PreTokenizer::create(data.pre);
  if (!pre_tokenizer) return fail(pre_tokenizer);
  Result<Merges> merges = read_merges(vocab, data.merges);
  if (!merges) return fail(merges);
  return std::make_unique<const ByteBpe>(vocab, std::move(*merges), std::move(*pre_tokenizer),
                                         !data.pre.empty());
}

bool byte_bpe_adds_bos(const VocabData& data) {
  for (const PreTokenizerRow& row : pre_tokenizer_table())
    if (row.name == data.pre) return row.add_bos;
  return false;
}

}  // namespace tenon
