// NumPy .npy files: a row-by-row writer for float32 matrices, and a reader for small arrays.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "framework/base/atomic_file.hpp"
#include "framework/base/result.hpp"

namespace tenon {

// Writes float32 (rows, cols), C order. Nothing appears at the path before finish(); errors name
// the path. The number of rows is known only at the end.
class NpyWriter {
 public:
  static Result<NpyWriter> create(const std::filesystem::path& path, std::uint64_t cols);

  std::uint64_t rows() const { return rows_; }
  // One row or several; the size must be a multiple of cols.
  Status append(std::span<const float> rows);
  Status finish();

 private:
  NpyWriter(AtomicFile file, std::uint64_t cols) : file_(std::move(file)), cols_(cols) {}

  AtomicFile file_;
  std::uint64_t cols_;
  std::uint64_t rows_ = 0;
};

struct NpyArray {
  std::vector<std::uint64_t> shape;  // one or two axes, outermost first
  std::variant<std::vector<float>, std::vector<std::int32_t>> values;
};

// Little-endian f4 or i4, C order, one or two axes; anything else is refused by name.
Result<NpyArray> read_npy(const std::filesystem::path& path);
Result<NpyArray> parse_npy(std::span<const std::byte> bytes, const std::string& name);

}  // namespace tenon
