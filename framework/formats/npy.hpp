// NumPy .npy files: the public row-by-row writer; small arrays, written and read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "framework/base/result.hpp"
#include "framework/include/tenon/npy_writer.hpp"

namespace tenon {

struct NpyArray {
  std::vector<std::uint64_t> shape;  // one or two axes, outermost first
  std::variant<std::vector<float>, std::vector<std::int32_t>, std::vector<std::uint8_t>> values;
};

// Two axes of the values' type. The file appears whole or not at all.
Status write_npy(const std::filesystem::path& path, const NpyArray& array);

// Little-endian f4, i4 or u1, C order, one or two axes; anything else is refused by name.
Result<NpyArray> read_npy(const std::filesystem::path& path);
Result<NpyArray> parse_npy(std::span<const std::byte> bytes, const std::string& name);

}  // namespace tenon
