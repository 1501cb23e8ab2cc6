// Typed view of one layer's cache: a tile is one page (64 positions) of one kv head.
#pragma once

#include <tenon/abi/slots/cpu.h>

#include <cstddef>
#include <cstdint>

namespace tenon::cpu {

inline constexpr int64_t k_page = 64;

// A value of a q8_0 cache. Behind the values of a tile lie the f16 scales of blocks of k_q8_block
// channels: k [ceil(dk/32)][64], v [64][ceil(dv/32)].
enum class Q8 : int8_t {};
inline constexpr int64_t k_q8_block = 32;
constexpr int64_t q8_blocks(int64_t d) { return (d + k_q8_block - 1) / k_q8_block; }

template <class T>
class KvTiles {
 public:
  explicit KvTiles(const tn_cpu_kv& kv) : kv_(&kv) {}

  int64_t n_heads() const { return kv_->n_kv_heads; }
  int64_t n_pages() const { return static_cast<int64_t>(kv_->n_pages); }
  int64_t dk() const { return kv_->dk; }
  int64_t dv() const { return kv_->dv; }
  T* k(int64_t page, int64_t head) const {  // [dk][64]
    return tile(kv_->k, kv_->k_tile_bytes, page, head);
  }
  T* v(int64_t page, int64_t head) const {  // [64][dv]
    return tile(kv_->v, kv_->v_tile_bytes, page, head);
  }

 private:
  T* tile(void* base, uint64_t bytes, int64_t page, int64_t head) const {
    const uint64_t at =
        static_cast<uint64_t>(page) * kv_->page_stride + static_cast<uint64_t>(head) * bytes;
    return static_cast<T*>(static_cast<void*>(static_cast<std::byte*>(base) + at));
  }
  const tn_cpu_kv* kv_;
};

}  // namespace tenon::cpu
