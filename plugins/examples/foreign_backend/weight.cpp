// Splitting, packing and reading rows.
#include "weight.hpp"

#include <algorithm>
#include <cstring>

namespace foreign {

namespace {

int64_t round_up(int64_t n, int64_t unit) { return (n + unit - 1) / unit * unit; }

}  // namespace

tn_status Weight::make(Memory& memory, const Type& type, int64_t rows, int64_t width, bool grouped,
                       const std::byte* plain, std::unique_ptr<Weight>& out) {
  auto made = std::make_unique<Weight>();
  made->type_ = &type;
  made->rows_ = rows;
  made->width_ = width;
  made->row_bytes_ = type.row_bytes(width);
  made->grouped_ = grouped;
  const int64_t unit = grouped ? k_group_rows : 1;
  made->block_rows_ = static_cast<int64_t>(k_max_alloc) / made->row_bytes_ / unit * unit;
  if (made->block_rows_ == 0) return TN_ERR_UNSUPPORTED;
  const int64_t stored = round_up(rows, unit);
  if (static_cast<uint64_t>(stored * made->row_bytes_) > memory.free_bytes()) return TN_ERR_OOM;
  for (int64_t first = 0; first < stored; first += made->block_rows_) {
    const int64_t n = std::min(made->block_rows_, stored - first);
    auto block = memory.allocate(static_cast<uint64_t>(n * made->row_bytes_));
    if (block == nullptr) return TN_ERR_OOM;
    std::memset(block->at(0), 0, block->size());
    made->blocks_.push_back(std::move(block));
  }
  const auto step = static_cast<size_t>(grouped ? type.block_bytes : made->row_bytes_);
  const int64_t distance = grouped ? k_group_rows * type.block_bytes : 0;
  for (int64_t r = 0; r < rows; ++r) {
    std::byte* to = made->address(r);
    const std::byte* from = plain + r * made->row_bytes_;
    for (int64_t at = 0; at < made->row_bytes_; at += static_cast<int64_t>(step), to += distance)
      std::memcpy(to, from + at, step);
  }
  out = std::move(made);
  return TN_OK;
}

std::byte* Weight::address(int64_t row) const {
  const Block& block = *blocks_[static_cast<size_t>(row / block_rows_)];
  const int64_t in_block = row % block_rows_;
  const int64_t group = in_block / k_group_rows * k_group_rows * row_bytes_;
  const int64_t offset =
      grouped_ ? group + in_block % k_group_rows * type_->block_bytes : in_block * row_bytes_;
  return block.at(static_cast<uint64_t>(offset));
}

void Weight::unpack_row(int64_t row, float* values) const {
  const std::byte* from = address(row);
  const int64_t distance = (grouped_ ? k_group_rows : 1) * type_->block_bytes;
  for (int64_t i = 0; i < width_; i += type_->block_values, from += distance)
    type_->unpack(from, values + i);
}

void Weight::unpack_group(int64_t group, int64_t first, int64_t n, float* values,
                          int64_t stride) const {
  const std::byte* from = address(group * k_group_rows) +
                          first / type_->block_values * k_group_rows * type_->block_bytes;
  for (int64_t i = 0; i < n; i += type_->block_values)
    for (int64_t r = 0; r < k_group_rows; ++r, from += type_->block_bytes)
      type_->unpack(from, values + r * stride + i);
}

std::byte* Weight::plain_at(uint64_t offset, uint64_t size) const {
  const auto block_bytes = static_cast<uint64_t>(block_rows_ * row_bytes_);
  const uint64_t index = offset / block_bytes, in_block = offset % block_bytes;
  if (grouped_ || index >= blocks_.size() || !blocks_[index]->holds(in_block, size)) return nullptr;
  return blocks_[index]->at(in_block);
}

}  // namespace foreign
