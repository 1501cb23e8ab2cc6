// Which tokens end an answer: files name one or two of them, the others are known by their text.
#pragma once

#include <vector>

#include "framework/text/tokenizer/vocab.hpp"

namespace tenon {

// Sorted, without duplicates.
std::vector<TokenId> end_of_generation_tokens(const Vocab& vocab);

}  // namespace tenon
