// A vocabulary of any size for a file of random weights, and one taken from another file.
#pragma once

#include <cstdint>
#include <filesystem>

#include "framework/synthesis/gguf_header.hpp"

namespace tenon {

inline constexpr std::uint32_t k_min_vocabulary = 260;      // bytes, control tokens and one piece
inline constexpr std::uint32_t k_max_vocabulary = 450'000;  // as far as the pieces go

// Byte-level BPE: the 256 bytes, then pieces of two and four letters with their merges, then three
// control tokens; a chat template. `size`: within the limits above.
void add_vocabulary(GgufHeader& header, std::uint32_t size);

// All `tokenizer.*` keys of another file. Gives the size of its vocabulary. Errors: ErrorCode::model.
Result<std::uint32_t> copy_vocabulary(GgufHeader& header, const std::filesystem::path& path);

}  // namespace tenon
