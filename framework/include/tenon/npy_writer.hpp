// NpyWriter: a NumPy .npy file of float32 rows, such as logits, written row by row.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <utility>

#include "atomic_file.hpp"
#include "result.hpp"

namespace tenon {

// Writes float32 (rows, cols), C order. No file appears at the path before finish(); errors name the
// path. A pipe or a device is written to at once; it has to be told the number of rows in advance.
class NpyWriter {
 public:
  static Result<NpyWriter> create(const std::filesystem::path& path, std::uint64_t cols,
                                  std::uint64_t expected_rows = 0);

  std::uint64_t rows() const { return rows_; }
  // One row or several; the size must be a multiple of cols.
  Status append(std::span<const float> rows);
  Status finish();

 private:
  NpyWriter(AtomicFile file, std::uint64_t cols, std::uint64_t expected_rows)
      : file_(std::move(file)), cols_(cols), expected_rows_(expected_rows) {}

  AtomicFile file_;
  std::uint64_t cols_, expected_rows_;
  std::uint64_t rows_ = 0;
};

}  // namespace tenon
