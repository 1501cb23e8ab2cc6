// The paged cache of slots/cpu.h: k tiles [dk][64], v tiles [64][dv], one per page and kv head.
#pragma once

#include <cstddef>

#include "rows.hpp"

namespace tenon::cpu::reference {

inline constexpr int64_t k_page_positions = 64;

// A tile is tile_bytes apart from the next; bases are aligned by the backend.
template <class Cell>
Cell* kv_tile(void* base, uint64_t tile_bytes, const tn_cpu_kv& kv, int64_t page, int64_t head) {
  const auto tile = static_cast<uint64_t>(page) * kv.n_kv_heads + static_cast<uint64_t>(head);
  return reinterpret_cast<Cell*>(static_cast<std::byte*>(base) + tile * tile_bytes);
}

// One tile as rows of channels: put a position's row, read one value. k tiles hold the positions of
// a channel side by side, v tiles the channels of a position.
enum class Order { by_channel, by_position };

// Where value `channel` of `position` lies in a tile with `width` values per position.
template <Order order>
int64_t place(int64_t position, int64_t channel, int64_t width) {
  return order == Order::by_channel ? channel * k_page_positions + position
                                    : position * width + channel;
}

template <class Cell, Order order>
class KvTile {
 public:
  KvTile(const tn_cpu_kv& kv, int64_t page, int64_t head)
      : width_(order == Order::by_channel ? kv.dk : kv.dv),
        cells_(order == Order::by_channel ? kv_tile<Cell>(kv.k, kv.k_tile_bytes, kv, page, head)
                                          : kv_tile<Cell>(kv.v, kv.v_tile_bytes, kv, page, head)) {}

  int64_t width() const { return width_; }
  float at(int64_t position, int64_t channel) const {
    return to_float(cells_[place<order>(position, channel, width_)]);
  }
  void put(int64_t position, const float* row) {
    for (int64_t i = 0; i < width_; ++i) store(row[i], cells_[place<order>(position, i, width_)]);
  }

 private:
  int64_t width_;
  Cell* cells_;
};

template <class Cell>
using KeyTile = KvTile<Cell, Order::by_channel>;
template <class Cell>
using ValueTile = KvTile<Cell, Order::by_position>;

}  // namespace tenon::cpu::reference
