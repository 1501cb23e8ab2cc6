// Byte-pair merging (Sennrich et al. 2016) of one word, in O(n log n).
#pragma once

#include <vector>

#include "framework/text/tokenizer/merge_table.hpp"
#include "framework/text/tokenizer/vocab.hpp"

namespace tenon {

// The merges "left right" of a file, best first.
// Merges of pieces that are no tokens can never apply and are left out.
MergeTable read_merges(const Vocab& vocab, const std::vector<std::string_view>& lines);

// Merges neighbours in `word` until no pair is left: lowest rank first, of equal ranks the
// leftmost. Keeps its buffers from word to word; one per thread.
class BytePairMerger {
 public:
  explicit BytePairMerger(const MergeTable& merges) : merges_(merges) {}

  void run(std::vector<TokenId>& word);

 private:
  struct Symbol {
    TokenId id;  // -1: merged away
    std::int32_t previous, next;
  };
  struct Candidate {
    std::uint32_t rank;
    std::int32_t left;
    TokenId left_id, right_id, result;
    bool operator<(const Candidate& o) const {  // the queue gives the greatest
      return rank != o.rank ? rank > o.rank : left > o.left;
    }
  };

  void offer(std::int32_t left);
  void apply(const Candidate& candidate);

  const MergeTable& merges_;
  std::vector<Symbol> symbols_;
  std::vector<Candidate> queue_;
};

}  // namespace tenon
