// A priority queue of candidate merges;
// candidates that an earlier merge overtook are dropped on leaving.
#include "framework/text/tokenizer/byte_pair.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "framework/base/quoted.hpp"

namespace tenon {

std::vector<std::string> Merges::findings() const {
  if (unusable == 0) return {};
  return {fmt::format("{} merges are of texts that are no tokens", unusable)};
}

Result<Merges> read_merges(const Vocab& vocab, const std::vector<std::string_view>& lines) {
  if (lines.empty())
    return fail(ErrorCode::model,
                "tokenizer.ggml.merges is missing: without it every byte would be a token");
  Merges merges{MergeTable(lines.size())};
  std::string text;
  for (std::size_t rank = 0; rank < lines.size(); ++rank) {
    const std::string_view line = lines[rank];
    const std::size_t space = line.find(' ', 1);
    if (space == std::string_view::npos || space + 1 == line.size())
      return fail(ErrorCode::model, fmt::format("tokenizer.ggml.merges: element {} is no pair: {}",
                                                rank, quoted(line)));
    text.assign(line.substr(0, space)).append(line.substr(space + 1));
    const TokenId left = vocab.find(line.substr(0, space)),
                  right = vocab.find(line.substr(space + 1)), result = vocab.find(text);
    if (left >= 0 && right >= 0 && result >= 0)
      merges.table.insert(left, right, {static_cast<std::uint32_t>(rank), result});
    else
      ++merges.unusable;
  }
  return merges;
}

void BytePairMerger::offer(std::int32_t left) {
  if (left < 0) return;
  const Symbol& symbol = symbols_[static_cast<std::size_t>(left)];
  if (symbol.next < 0) return;
  const TokenId right_id = symbols_[static_cast<std::size_t>(symbol.next)].id;
  const Merge* merge = merges_.find(symbol.id, right_id);
  if (merge == nullptr) return;
  queue_.push_back({merge->rank, left, symbol.id, right_id, merge->result});
  std::push_heap(queue_.begin(), queue_.end());
}

void BytePairMerger::apply(const Candidate& candidate) {
  Symbol& left = symbols_[static_cast<std::size_t>(candidate.left)];
  if (left.id != candidate.left_id || left.next < 0) return;
  Symbol& right = symbols_[static_cast<std::size_t>(left.next)];
  if (right.id != candidate.right_id) return;
  left.id = candidate.result;
  left.next = right.next;
  right.id = -1;
  if (left.next >= 0) symbols_[static_cast<std::size_t>(left.next)].previous = candidate.left;
  offer(left.previous);
  offer(candidate.left);
}

void BytePairMerger::run(std::vector<TokenId>& word) {
  const auto n = static_cast<std::int32_t>(word.size());
  if (n < 2) return;
  symbols_.clear();
  queue_.clear();
  for (std::int32_t i = 0; i < n; ++i)
    symbols_.push_back({word[static_cast<std::size_t>(i)], i - 1, i + 1 < n ? i + 1 : -1});
  for (std::int32_t i = 0; i + 1 < n; ++i) offer(i);
  while (!queue_.empty() && budget_.spend(1)) {
    std::pop_heap(queue_.begin(), queue_.end());
    const Candidate candidate = queue_.back();
    queue_.pop_back();
    apply(candidate);
  }
  word.clear();
  for (std::int32_t i = 0; i >= 0; i = symbols_[static_cast<std::size_t>(i)].next)
    word.push_back(symbols_[static_cast<std::size_t>(i)].id);
}

}  // namespace tenon
