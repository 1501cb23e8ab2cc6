// Tokenizer: text to token ids and back, exactly as the model was trained.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "framework/text/text_range.hpp"
#include "framework/text/tokenizer/special_tokens.hpp"
#include "framework/text/tokenizer/text_encoder.hpp"
#include "framework/text/tokenizer/vocab.hpp"

namespace tenon {

struct EncodeOptions {
  bool add_special = true;    // bos and eos where the model wants them
  bool parse_special = true;  // the text of control tokens becomes those tokens
  // Where it does not, whatever parse_special says: what users typed. Sorted, without overlaps.
  std::span<const TextRange> plain = {};
  bool open_end = false;  // no eos: an answer follows
};

// Immutable after creation: every function may be called from any thread at once.
class Tokenizer {
 public:
  static Result<Tokenizer> create(const VocabData& data);

  // Bytes that are not UTF-8 are read as U+FFFD.
  Result<std::vector<TokenId>> encode(std::string_view text, EncodeOptions options = {}) const;

  // The bytes that a token stands for, often part of a code point; empty for an id out of range.
  std::string piece(TokenId id) const;

  // Control tokens steer the model and are not part of its answer.
  bool is_control(TokenId id) const;
  // Matched in the text itself: control tokens and user-defined ones.
  bool is_special(TokenId id) const;
  bool is_end_of_generation(TokenId id) const;

  std::size_t vocab_size() const { return vocab_->size(); }
  const Vocab& vocab() const { return *vocab_; }
  bool adds_bos() const { return add_bos_; }
  bool adds_eos() const { return add_eos_; }
  // Whether the first text, and that after a special token, is read as if a space stood before it.
  bool adds_space() const { return encoder_->adds_space(); }

 private:
  Tokenizer(Vocab vocab, const VocabData& data);

  std::unique_ptr<const Vocab> vocab_;  // on the heap: the encoder refers to it
  SpecialTokens special_tokens_;
  std::unique_ptr<const TextEncoder> encoder_;
  std::vector<TokenId> end_of_generation_;  // sorted
  bool add_bos_ = false, add_eos_ = false;
};

}  // namespace tenon
