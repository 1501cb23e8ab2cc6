// kv_write: k (T,K,dk), v (T,K,dv), slots (T), state: rows into pages of 64 positions.
//   k tile [dk][64], v tile [64][dv]; a slot outside of the pool is skipped.
#include "backends/cpu/fast/ops/common.hpp"
#include "backends/cpu/fast/ops/kv_tiles.hpp"

namespace tenon::cpu {
namespace {

inline void convert(float x, float& to) { to = x; }
inline void convert(float x, simd::F16& to) {
  to.bits = static_cast<uint16_t>(_cvtss_sh(x, _MM_FROUND_TO_NEAREST_INT));
}

template <class T>
void write_row(int64_t n, const float* x, T* row) {
  int64_t i = 0;
  for (; i + simd::k_width <= n; i += simd::k_width) simd::store(row + i, simd::load(x + i));
  if (i < n) simd::store_n(row + i, simd::load_n(x + i, n - i), n - i);
}

template <class T>
void write_column(int64_t n, const float* x, T* column) {
  for (int64_t i = 0; i < n; ++i) convert(x[i], column[i * k_page]);
}

template <class T>
struct KvWrite : RowOp<KvWrite<T>> {
  static constexpr int64_t k_block = 32;  // rows: half a page

  static Work plan(const Args& args) {
    return Work().phase((args.extent(0, 0) + k_block - 1) / k_block);
  }
  static void run(const Args& args, unsigned, uint64_t first, uint64_t last, void*) {
    const int64_t n = args.extent(0, 0);
    const int64_t end = std::min(n, static_cast<int64_t>(last) * k_block);
    for (int64_t t = static_cast<int64_t>(first) * k_block; t < end; ++t) row(args, t);
  }
  static void row(const Args& args, int64_t t) {
    const KvTiles<T> tiles(args.kv(3));
    const int64_t slot = args.in<int32_t>(2)[t], page = slot / k_page, index = slot % k_page;
    if (slot < 0 || page >= tiles.n_pages()) return;
    const Rows k(args, 0), v(args, 1);
    for (int64_t h = 0; h < tiles.n_heads(); ++h) {
      const int64_t source = t * tiles.n_heads() + h;
      write_column(tiles.dk(), k[source], tiles.k(page, h) + index);
      write_row(tiles.dv(), v[source], tiles.v(page, h) + index * tiles.dv());
    }
  }
};

}  // namespace

extern const tn_kernel_desc k_kv_write_kernels[2];
constexpr tn_kernel_desc k_kv_write_kernels[2] = {
    op_kernel<KvWrite<simd::F16>>(TENON_CPU_ID("kv_write_f16"), TN_OP_KV_WRITE)
        .in<"f32", "f32", "i32", "f16">()
        .out<"f16">()
        .desc,
    op_kernel<KvWrite<float>>(TENON_CPU_ID("kv_write_f32"), TN_OP_KV_WRITE)
        .in<"f32", "f32", "i32", "f32">()
        .out<"f32">()
        .desc};

}  // namespace tenon::cpu
