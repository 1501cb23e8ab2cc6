// Tiles of a q8_0 cache: int8 values, then the f16 scales of blocks of 32 channels.
#pragma once

#include <algorithm>
#include <cmath>

#include "kv_tiles.hpp"

namespace tenon::cpu::reference {

enum class Q8 : int8_t {};

template <Order order>
class KvTile<Q8, order> {
 public:
  KvTile(const tn_cpu_kv& kv, int64_t page, int64_t head)
      : width_(order == Order::by_channel ? kv.dk : kv.dv),
        values_(order == Order::by_channel
                    ? kv_tile<int8_t>(kv.k, kv.k_tile_bytes, kv, page, head)
                    : kv_tile<int8_t>(kv.v, kv.v_tile_bytes, kv, page, head)),
        scales_(reinterpret_cast<Half*>(values_ + k_page_positions * width_)) {}

  int64_t width() const { return width_; }
  float at(int64_t position, int64_t channel) const {
    return to_float(scale(position, channel / k_block)) *
           static_cast<float>(values_[place<order>(position, channel, width_)]);
  }
  void put(int64_t position, const float* row) {
    for (int64_t first = 0; first < width_; first += k_block) {
      put_block(position, first, std::min(width_, first + k_block), row);
    }
  }

 private:
  static constexpr int64_t k_block = 32;

  void put_block(int64_t position, int64_t first, int64_t last, const float* row) {
    float largest = 0;
    for (int64_t i = first; i < last; ++i) {
      const float magnitude = std::fabs(row[i]);
      if (!(magnitude <= largest)) largest = magnitude;  // a NaN comes through
      if (std::isnan(largest)) break;
    }
    Half& stored = scale(position, first / k_block);
    store(largest / 127, stored);
    const float s = to_float(stored);
    const bool usable = s > 0 && std::isfinite(s);
    for (int64_t i = first; i < last; ++i) {
      const float value = usable ? std::clamp(std::nearbyint(row[i] / s), -127.0f, 127.0f) : 0.0f;
      values_[place<order>(position, i, width_)] = static_cast<int8_t>(value);
    }
  }

  Half& scale(int64_t position, int64_t block) const {
    return scales_[place<order>(position, block, (width_ + k_block - 1) / k_block)];
  }

  int64_t width_;
  int8_t* values_;
  Half* scales_;
};

}  // namespace tenon::cpu::reference
