// Byte-pair merging (Sennrich et al. 2016) of one word, in O(n log n).
#pragma once

#include <string>
#include <vector>

#include "framework/text/tokenizer/encode_budget.hpp"
#include "framework/text/tokenizer/merge_table.hpp"
#include "framework/text/tokenizer/vocab.hpp"

namespace tenon {

// The merges of a file, and how many of its lines name texts that are no tokens: these can never
// apply and are left out.
struct Merges {
  MergeTable table;
  std::size_t unusable = 0;

  std::vector<std::string> findings() const;
};

// `lines` are "left right", best first. Errors: there are none, or one is no pair.
Result<Merges> read_merges(const Vocab& vocab, const std::vector<std::string_view>& lines);

// Merges neighbours in `word` until no pair is left: lowest rank first, of equal ranks the
// leftmost. Keeps its buffers from word to word; one per thread.
class BytePairMerger {
 public:
  BytePairMerger(const MergeTable& merges, EncodeBudget& budget)
      : merges_(merges), budget_(budget) {}

  // Stops early when the budget is spent.
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
  EncodeBudget& budget_;
  std::vector<Symbol> symbols_;
  std::vector<Candidate> queue_;
};

}  // namespace tenon
