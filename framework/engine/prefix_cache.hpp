// PrefixCache: the sequence of the last request stays in the cache, so that a prompt which begins
// alike (the next turn of a chat) computes only what is new. The bits are the same either way.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "framework/engine/step/runtime.hpp"

namespace tenon {

// At most one sequence, which belongs to the runtime; one thread at a time.
class PrefixCache {
 public:
  // A sequence for one request. However the request ends, the sequence goes back to the cache with
  // what is stored in it.
  class Lease {
   public:
    Lease(PrefixCache& cache, const Runtime& runtime, SequenceId id, std::vector<TokenId> tokens)
        : cache_(&cache), runtime_(&runtime), id_(id), tokens_(std::move(tokens)) {}
    Lease(Lease&& other) noexcept
        : cache_(std::exchange(other.cache_, nullptr)),
          runtime_(other.runtime_),
          id_(other.id_),
          tokens_(std::move(other.tokens_)) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (cache_ != nullptr) cache_->keep(*runtime_, id_, std::move(tokens_));
    }
    SequenceId id() const { return id_; }
    // These tokens were appended to the sequence.
    void stored(std::span<const TokenId> tokens) {
      tokens_.insert(tokens_.end(), tokens.begin(), tokens.end());
    }
    // The sequence was emptied.
    void forgotten() { tokens_.clear(); }

   private:
    PrefixCache* cache_;
    const Runtime* runtime_;
    SequenceId id_;
    std::vector<TokenId> tokens_;
  };

  // A sequence that holds the positions `prompt` shares with what was kept; never all of them,
  // because the logits of the last are wanted. None if what a window reads before the first row is
  // gone, or was computed with the factors of sequences of another length.
  Result<Lease> take(Runtime& runtime, std::span<const TokenId> prompt, bool is_long);

  // Gives its pages back.
  void drop(Runtime& runtime);

 private:
  void keep(const Runtime& runtime, SequenceId id, std::vector<TokenId> tokens) noexcept;

  std::optional<SequenceId> sequence_;
  std::vector<TokenId> tokens_;
};

}  // namespace tenon
