// A weight: whole rows in blocks, because no block holds a large one. "plain": as in the file.
// k_r16: 16 rows together, block column by block column, so that one pass over x serves 16 rows.
#pragma once

#include <tenon/abi/device.h>

#include <vector>

#include "memory.hpp"
#include "types.hpp"

namespace foreign {

inline constexpr const char* k_r16 = "foreign.r16/1";
inline constexpr int64_t k_group_rows = 16;

class Weight {
 public:
  // Whether rows of that many bytes can be stored in groups.
  static bool groups_fit(int64_t row_bytes) {
    return static_cast<uint64_t>(k_group_rows * row_bytes) <= k_max_alloc;
  }

  // Copies `rows` plain rows in. TN_ERR_UNSUPPORTED: a row is too long; TN_ERR_OOM.
  static tn_status make(Memory& memory, const Type& type, int64_t rows, int64_t width, bool grouped,
                        const std::byte* plain, std::unique_ptr<Weight>& out);

  const Type& type() const { return *type_; }
  bool grouped() const { return grouped_; }
  int64_t row_bytes() const { return row_bytes_; }
  bool lies_in(const Memory& memory) const {
    return blocks_.empty() || blocks_[0]->lies_in(memory);
  }
  uint64_t bytes() const { return static_cast<uint64_t>(rows_ * row_bytes_); }

  // The values of a row.
  void unpack_row(int64_t row, float* values) const;
  // Values first … first+n-1 of the 16 rows of a group, each row `stride` values after the one
  // before; first and n are multiples of the block of the type. Grouped weights only; rows that do
  // not exist are 0.
  void unpack_group(int64_t group, int64_t first, int64_t n, float* values, int64_t stride) const;
  // Where `size` bytes lie that begin `offset` bytes into a plain weight; NULL if that is in no one
  // block.
  std::byte* plain_at(uint64_t offset, uint64_t size) const;

 private:
  std::byte* address(int64_t row) const;  // of its first byte

  const Type* type_ = nullptr;
  int64_t rows_ = 0, width_ = 0, row_bytes_ = 0;
  int64_t block_rows_ = 0;  // rows of each block
  bool grouped_ = false;
  std::vector<std::unique_ptr<Block>> blocks_;
};

inline tn_weight* weight_handle(Weight* weight) { return reinterpret_cast<tn_weight*>(weight); }
inline Weight* weight(tn_weight* handle) { return reinterpret_cast<Weight*>(handle); }

}  // namespace foreign
