// The paged cache of slots/cpu.h: k tiles [dk][64], v tiles [64][dv], one per page and kv head.
#pragma once

#include <cstddef>

#include "half.hpp"
#include "rows.hpp"

namespace tenon::cpu::reference {

inline constexpr int64_t k_page_positions = 64;

// A tile is tile_bytes apart from the next; bases are aligned by the backend.
template <class Cell>
Cell* kv_tile(void* base, uint64_t tile_bytes, const tn_cpu_kv& kv, int64_t page, int64_t head) {
  const auto tile = static_cast<uint64_t>(page) * kv.n_kv_heads + static_cast<uint64_t>(head);
  return reinterpret_cast<Cell*>(static_cast<std::byte*>(base) + tile * tile_bytes);
}

template <class Cell>
Cell* k_tile(const tn_cpu_kv& kv, int64_t page, int64_t head) {
  return kv_tile<Cell>(kv.k, kv.k_tile_bytes, kv, page, head);
}

template <class Cell>
Cell* v_tile(const tn_cpu_kv& kv, int64_t page, int64_t head) {
  return kv_tile<Cell>(kv.v, kv.v_tile_bytes, kv, page, head);
}

}  // namespace tenon::cpu::reference
