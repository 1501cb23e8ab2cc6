// What two prompts have in common stays stored; the rest is forgotten.
#include "framework/engine/prefix_cache.hpp"

#include <algorithm>

namespace tenon {

Result<SequenceId> PrefixCache::take(Runtime& runtime, std::span<const TokenId> prompt) {
  if (!sequence_) return runtime.open_sequence();
  const auto most =
      std::min(tokens_.size(), prompt.size() - std::min<std::size_t>(prompt.size(), 1));
  const auto end = std::mismatch(
      tokens_.begin(), tokens_.begin() + static_cast<std::ptrdiff_t>(most), prompt.begin());
  runtime.truncate(*sequence_, end.first - tokens_.begin());
  tokens_.clear();
  return *std::exchange(sequence_, std::nullopt);
}

void PrefixCache::keep(const Runtime& runtime, SequenceId id, std::vector<TokenId> tokens) {
  sequence_ = id;
  tokens_ = std::move(tokens);
  tokens_.resize(static_cast<std::size_t>(runtime.length(id)));
}

void PrefixCache::drop(Runtime& runtime) {
  if (sequence_) runtime.close_sequence(*sequence_);
  sequence_.reset();
  tokens_.clear();
}

}  // namespace tenon
