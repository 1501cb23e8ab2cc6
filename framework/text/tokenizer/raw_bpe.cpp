// BPE on raw UTF-8 (`tokenizer.ggml.model` = "gemma4"): spaces as in SentencePiece, merges by rank
// over whole lines, code points without a token as bytes.
#include "framework/base/utf8.hpp"
#include "framework/text/tokenizer/byte_pair.hpp"
#include "framework/text/tokenizer/sentencepiece.hpp"
#include "framework/text/tokenizer/text_encoder.hpp"

namespace tenon {
namespace {

namespace sp = sentencepiece;

class RawBpe : public TextEncoder {
 public:
  RawBpe(const Vocab& vocab, Merges merges)
      : vocab_(vocab), merges_(std::move(merges)), bytes_(vocab) {}

  Status encode(std::string_view text, bool, EncodeBudget& budget,
                std::vector<TokenId>& out) const override {
    const std::string escaped = sp::escape(text);
    BytePairMerger merger(merges_.table, budget);
    std::vector<TokenId> symbols;
    for (std::string_view rest = escaped; !rest.empty() && budget.room_for(out.size());) {
      const std::string_view word = take_word(rest);
      const TokenId whole = word[0] == '\n' ? vocab_.find(word) : -1;
      if (whole >= 0) {
        out.push_back(whole);
        continue;
      }
      symbols.clear();
      for (std::size_t at = 0; at < word.size();) {
        const std::string_view symbol = word.substr(at, utf8::decode(word.substr(at)).length);
        if (const TokenId id = vocab_.find(symbol); id >= 0)
          symbols.push_back(id);
        else
          bytes_.append(symbol, symbols);
        at += symbol.size();
      }
      merger.run(symbols);
      out.insert(out.end(), symbols.begin(), symbols.end());
    }
    return {};
  }

  std::string piece(TokenId id) const override { return sp::piece(vocab_, id); }
  std::vector<std::string> findings() const override { return merges_.findings(); }

 private:
  // A run of newlines, or what stands before the next newline.
  static std::string_view take_word(std::string_view& rest) {
    const std::size_t end =
        rest[0] == '\n' ? rest.find_first_not_of('\n') : rest.find_first_of('\n');
    const std::string_view word = rest.substr(0, end);
    rest.remove_prefix(word.size());
    return word;
  }

  const Vocab& vocab_;
  Merges merges_;
  sp::ByteFallback bytes_;
};

}  // namespace

Result<std::unique_ptr<const TextEncoder>> create_raw_bpe(const Vocab& vocab,
                                                          const VocabData& data) {
  Result<Merges> merges = read_merges(vocab, data.merges);
  if (!merges) return fail(merges);
  return std::make_unique<const RawBpe>(vocab, std::move(*merges));
}

}  // namespace tenon
