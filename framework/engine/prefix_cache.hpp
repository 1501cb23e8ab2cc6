// PrefixCache: the sequence of the last request stays in the cache, so that a prompt which begins
// alike (the next turn of a chat) computes only what is new. The bits are the same either way.
#pragma once

#include <span>
#include <vector>

#include "framework/engine/step/runtime.hpp"

namespace tenon {

// At most one sequence, which belongs to the runtime; one thread at a time.
class PrefixCache {
 public:
  // A sequence that holds the positions `prompt` shares with what was kept; never all of them,
  // because the logits of the last are wanted.
  Result<SequenceId> take(Runtime& runtime, std::span<const TokenId> prompt);

  // Hands a sequence back, `tokens` being at least those stored in it.
  void keep(const Runtime& runtime, SequenceId id, std::vector<TokenId> tokens);

  // Gives its pages back.
  void drop(Runtime& runtime);

 private:
  std::optional<SequenceId> sequence_;
  std::vector<TokenId> tokens_;
};

}  // namespace tenon
