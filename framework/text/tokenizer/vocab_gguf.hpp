// The vocabulary of a GGUF file.
#pragma once

#include "framework/formats/gguf/gguf.hpp"
#include "framework/text/tokenizer/vocab.hpp"

namespace tenon {

// The file's `tokenizer.ggml.*` keys as they stand. The views in the result live as long as the
// metadata. Errors: a missing or mistyped key.
Result<VocabData> read_vocab(const GgufMetadata& metadata);

// `tokenizer.chat_template`, if the file has one.
Result<std::optional<std::string_view>> read_chat_template(const GgufMetadata& metadata);

}  // namespace tenon
