// SentencePiece BPE (`tokenizer.ggml.model` = "llama"): neighbours merge into the token with the
// best score, anywhere in the text; what stays without a token becomes bytes.
#include <algorithm>
#include <limits>

#include "framework/base/utf8.hpp"
#include "framework/text/tokenizer/sentencepiece.hpp"
#include "framework/text/tokenizer/text_encoder.hpp"

namespace tenon {
namespace {

namespace sp = sentencepiece;

// The tokens that text may merge into.
class Pieces {
 public:
  explicit Pieces(const Vocab& vocab) : vocab_(vocab) {
    for (std::size_t i = 0; i < vocab.size(); ++i)
      if (const auto id = static_cast<TokenId>(i); takes_part(id))
        longest_ = std::max(longest_, vocab.text(id).size());
  }

  // -1 if `text` is no such token.
  TokenId find(std::string_view text) const {
    if (text.size() > longest_) return -1;
    const TokenId id = vocab_.find(text);
    return id >= 0 && takes_part(id) ? id : -1;
  }

  // Comparable, whatever the file says.
  float score(TokenId id) const {
    const float score = vocab_.score(id);
    return score == score ? score : -std::numeric_limits<float>::infinity();
  }

 private:
  // The text of control and byte tokens stays plain text.
  bool takes_part(TokenId id) const {
    const TokenType type = vocab_.type(id);
    return type != TokenType::control && type != TokenType::unknown && type != TokenType::byte;
  }

  const Vocab& vocab_;
  std::size_t longest_ = 0;
};

// Merges one text. A candidate is valid as long as its two symbols still span its text.
class ScoreMerger {
 public:
  ScoreMerger(const Pieces& pieces, std::string_view text) : pieces_(pieces), text_(text) {
    symbols_.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t size = utf8::decode(text.substr(at)).length;
      const auto i = static_cast<std::int32_t>(symbols_.size());
      symbols_.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(size), i - 1,
                          at + size < text.size() ? i + 1 : -1});
      at += size;
    }
  }

  // Stops early when the budget is spent.
  void run(EncodeBudget& budget) {
    for (std::size_t i = 0; i < symbols_.size(); ++i) offer(static_cast<std::int32_t>(i));
    std::make_heap(queue_.begin(), queue_.end());
    heaped_ = true;
    while (!queue_.empty() && budget.spend(1)) {
      std::pop_heap(queue_.begin(), queue_.end());
      const Candidate candidate = queue_.back();
      queue_.pop_back();
      apply(candidate);
    }
  }

  void append_to(std::vector<TokenId>& out, const sp::ByteFallback& bytes) const {
    for (const Symbol& s : symbols_) {
      if (s.size == 0) continue;
      const std::string_view text = text_.substr(s.begin, s.size);
      if (const TokenId id = pieces_.find(text); id >= 0)
        out.push_back(id);
      else
        bytes.append(text, out);
    }
  }

 private:
  struct Symbol {
    std::uint32_t begin, size;  // size 0: merged away
    std::int32_t previous, next;
  };
  struct Candidate {
    float score;
    std::int32_t left;
    std::uint32_t size;
    bool operator<(const Candidate& o) const {  // the queue gives the greatest
      return score != o.score ? score < o.score : left > o.left;
    }
  };

  Symbol& symbol(std::int32_t i) { return symbols_[static_cast<std::size_t>(i)]; }

  void offer(std::int32_t left) {
    if (left < 0 || symbol(left).next < 0) return;
    const std::uint32_t size = symbol(left).size + symbol(symbol(left).next).size;
    const TokenId id = pieces_.find(text_.substr(symbol(left).begin, size));
    if (id < 0) return;
    queue_.push_back({pieces_.score(id), left, size});
    if (heaped_) std::push_heap(queue_.begin(), queue_.end());
  }

  void apply(const Candidate& candidate) {
    Symbol& left = symbol(candidate.left);
    if (left.size == 0 || left.next < 0) return;
    Symbol& right = symbol(left.next);
    if (left.size + right.size != candidate.size) return;
    left.size = candidate.size;
    left.next = right.next;
    right.size = 0;
    if (left.next >= 0) symbol(left.next).previous = candidate.left;
    offer(left.previous);
    offer(candidate.left);
  }

  const Pieces& pieces_;
  std::string_view text_;
  std::vector<Symbol> symbols_;
  std::vector<Candidate> queue_;
  bool heaped_ = false;
};

// Runs of spaces become one, those at the ends go.
std::string without_extra_spaces(std::string_view text) {
  std::string out;
  for (const char c : text)
    if (c != ' ' || (!out.empty() && out.back() != ' ')) out += c;
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

class ScoreBpe : public TextEncoder {
 public:
  ScoreBpe(const Vocab& vocab, const VocabData& data)
      : vocab_(vocab),
        pieces_(vocab),
        bytes_(vocab),
        space_prefix_(data.add_space_prefix.value_or(true)),
        remove_extra_spaces_(data.remove_extra_whitespaces.value_or(false)) {}

  Status encode(std::string_view text, bool first, EncodeBudget& budget,
                std::vector<TokenId>& out) const override {
    std::string cleaned;
    if (remove_extra_spaces_) text = cleaned = without_extra_spaces(text);
    if (text.empty()) return {};
    std::string escaped(first && space_prefix_ ? sp::k_space : std::string_view());
    escaped += sp::escape(text);
    ScoreMerger merger(pieces_, escaped);
    merger.run(budget);
    merger.append_to(out, bytes_);
    return {};
  }

  std::string piece(TokenId id) const override { return sp::piece(vocab_, id); }
  bool adds_space() const override { return space_prefix_; }

 private:
  const Vocab& vocab_;
  Pieces pieces_;
  sp::ByteFallback bytes_;
  bool space_prefix_, remove_extra_spaces_;
};

}  // namespace

Result<std::unique_ptr<const TextEncoder>> create_score_bpe(const Vocab& vocab,
                                                            const VocabData& data) {
  return std::make_unique<const ScoreBpe>(vocab, data);
}

}  // namespace tenon
