// tn.kv_write: keys and values of this step's tokens into their slots of the cache.
#pragma once

#include "describe.hpp"
#include "kv_tiles_q8_0.hpp"

namespace tenon::cpu::reference {

template <class Cell>
struct KvWrite {
  static Work plan(const Args& args) { return Work().phase(args.extent(0, 0)); }

  static void run(const Args& args, unsigned, uint64_t first, uint64_t last, void*) {
    for_rows(first, last, [&](int64_t token) {
      const auto heads = static_cast<int64_t>(args.kv(3).n_kv_heads);
      for (int64_t head = 0; head < heads; ++head) write(args, token, head, heads);
    });
  }

 private:
  static void write(const Args& args, int64_t token, int64_t head, int64_t heads) {
    const tn_cpu_kv& kv = args.kv(3);
    const int64_t slot = args.in<int32_t>(2)[token];
    const int64_t page = slot / k_page_positions, cell = slot % k_page_positions;
    KeyTile<Cell>(kv, page, head).put(cell, row_in<float>(args, 0, token * heads + head));
    ValueTile<Cell>(kv, page, head).put(cell, row_in<float>(args, 1, token * heads + head));
  }
};

template <class Cell, Name Cache>
consteval Kernel kv_write_kernel() {
  return reference<KvWrite<Cell>, Name("kv_write.") + Cache>(TN_OP_KV_WRITE)
      .template in<"f32", "f32", "i32", Cache>()
      .template out<Cache>();
}

inline constexpr std::array k_kv_write_kernels = {
    kv_write_kernel<Half, "f16">(), kv_write_kernel<float, "f32">(), kv_write_kernel<Q8, "q8_0">()};

}  // namespace tenon::cpu::reference
