// DType: the element types of stored tensors, one table row each.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace tenon {

// Rows live in one constant table: compare and keep them by pointer.
struct DType {
  std::string_view name;         // as printed and as used in the ABI, e.g. "q4_K"
  std::uint32_t ggml_type;       // the number in a GGUF file
  std::uint32_t block_elements;  // 1 for plain types
  std::uint32_t block_bytes;
};

std::span<const DType> all_dtypes();

// nullptr when there is no such row.
const DType* find_dtype(std::string_view name);
const DType* find_dtype_by_ggml(std::uint32_t ggml_type);
// Also what other programs store and nothing here computes with, so that a file with such a tensor
// can be shown; nullptr for a number that nobody has given out.
const DType* find_stored_dtype(std::uint32_t ggml_type);

}  // namespace tenon
