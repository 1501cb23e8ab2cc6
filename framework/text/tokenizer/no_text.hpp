// The kind of tokenizer of files that bring no vocabulary: texts are refused, token ids work.
#pragma once

#include "framework/text/tokenizer/text_encoder.hpp"

namespace tenon {

Result<std::unique_ptr<const TextEncoder>> create_no_text(const Vocab& vocab,
                                                          const VocabData& data);

}  // namespace tenon
