// What two prompts have in common stays stored; the rest is forgotten.
#include "framework/engine/prefix_cache.hpp"

#include <algorithm>

namespace tenon {

Result<PrefixCache::Lease> PrefixCache::take(Runtime& runtime, std::span<const TokenId> prompt,
                                             bool is_long) {
  if (!sequence_) {
    const auto opened = runtime.open_sequence();
    if (!opened) return fail(opened);
    sequence_ = *opened;
    tokens_.clear();
  }
  runtime.set_long(*sequence_, is_long);
  tokens_.resize(std::min(tokens_.size(), static_cast<std::size_t>(runtime.length(*sequence_))));
  const auto most =
      std::min(tokens_.size(), prompt.size() - std::min<std::size_t>(prompt.size(), 1));
  const auto end = std::mismatch(
      tokens_.begin(), tokens_.begin() + static_cast<std::ptrdiff_t>(most), prompt.begin());
  const std::int64_t kept = runtime.truncate(*sequence_, end.first - tokens_.begin());
  tokens_.resize(static_cast<std::size_t>(kept));
  return Lease(*this, runtime, *std::exchange(sequence_, std::nullopt), std::exchange(tokens_, {}));
}

void PrefixCache::keep(const Runtime& runtime, SequenceId id,
                       std::vector<TokenId> tokens) noexcept {
  sequence_ = id;
  tokens_ = std::move(tokens);
  // A step that was computed but not told is forgotten with the next take.
  const auto length = static_cast<std::size_t>(runtime.length(id));
  if (tokens_.size() > length) tokens_.resize(length);
}

void PrefixCache::drop(Runtime& runtime) {
  if (sequence_) runtime.close_sequence(*sequence_);
  sequence_.reset();
  tokens_.clear();
}

}  // namespace tenon
