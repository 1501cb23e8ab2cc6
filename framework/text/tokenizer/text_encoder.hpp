// TextEncoder: what one kind of tokenizer (`tokenizer.ggml.model`) does to plain text.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "framework/text/tokenizer/encode_budget.hpp"
#include "framework/text/tokenizer/vocab.hpp"

namespace tenon {

// Immutable and thread-safe; made once per vocabulary, which outlives it.
class TextEncoder {
 public:
  virtual ~TextEncoder() = default;

  // Appends the tokens of `text`, valid UTF-8 without special tokens. `first`: nothing but special
  // tokens stands before it in this string or since the last special token. Stops early when the
  // budget is spent, which the caller asks.
  virtual Status encode(std::string_view text, bool first, EncodeBudget& budget,
                        std::vector<TokenId>& out) const = 0;

  // The bytes that a token stands for.
  virtual std::string piece(TokenId id) const = 0;

  // Whether encode() puts a space before `first` texts, which decoding has to take off again.
  virtual bool adds_space() const { return false; }

  // Oddities of the file that are no reason to refuse it.
  virtual std::vector<std::string> findings() const { return {}; }
};

// The special tokens of a kind whose files need not name them.
struct DefaultIds {
  std::optional<TokenId> bos, eos, unk;
};

// One row per kind: its name in the file, its defaults, its factory.
struct TextEncoderKind {
  std::string_view model;
  Result<std::unique_ptr<const TextEncoder>> (*create)(const Vocab& vocab, const VocabData& data);
  // Default of add_bos when the file does not say.
  bool (*add_bos)(const VocabData& data);
  DefaultIds ids = {};
};

// The row of `model`, or nullptr.
const TextEncoderKind* find_text_encoder_kind(std::string_view model);

Result<std::unique_ptr<const TextEncoder>> create_byte_bpe(const Vocab& vocab,
                                                           const VocabData& data);
bool byte_bpe_adds_bos(const VocabData& data);

Result<std::unique_ptr<const TextEncoder>> create_score_bpe(const Vocab& vocab,
                                                            const VocabData& data);
Result<std::unique_ptr<const TextEncoder>> create_raw_bpe(const Vocab& vocab,
                                                          const VocabData& data);

}  // namespace tenon
