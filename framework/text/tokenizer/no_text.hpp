// The kind of tokenizer of files that bring no vocabulary: texts are refused, token ids work.
#pragma once

#include "framework/text/tokenizer/text_encoder.hpp"

namespace tenon {

// Whether `tokenizer.ggml.model` says that there is no vocabulary.
bool has_no_text(std::string_view model);

Result<std::unique_ptr<const TextEncoder>> create_no_text(const Vocab& vocab,
                                                          const VocabData& data);

}  // namespace tenon
