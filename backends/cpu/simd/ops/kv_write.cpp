// kv_write: k (T,K,dk), v (T,K,dv), slots (T), state: rows into pages of 64 positions.
//   k tile [dk][64], v tile [64][dv]; a slot outside of the pool is skipped. q8_0: see tn_cpu_kv.
#include <cmath>
#include <limits>

#include "backends/cpu/simd/ops/common.hpp"
#include "backends/cpu/simd/ops/kv_tiles.hpp"

namespace tenon::cpu {
namespace {

inline void convert(float x, float& to) { to = x; }
inline void convert(float x, simd::F16& to) { simd::store_n(&to, simd::set1(x), 1); }

template <class T>
void write_value(int64_t n, const float* x, T* tile, int64_t index) {
  T* row = tile + index * n;
  int64_t i = 0;
  for (; i + simd::k_width <= n; i += simd::k_width) simd::store(row + i, simd::load(x + i));
  if (i < n) simd::store_n(row + i, simd::load_n(x + i, n - i), n - i);
}

template <class T>
void write_key(int64_t n, const float* x, T* tile, int64_t index) {
  for (int64_t i = 0; i < n; ++i) convert(x[i], tile[i * k_page + index]);
}

// The nearest integer, ties to even, of |x| < 2^22.
inline float nearest(float x) {
  constexpr float k_shift = 12582912.0f;  // 1.5 * 2^23: no fraction bits are left
  return (x + k_shift) - k_shift;
}

// The scale of n values, 0 for values of 0 (a scale of 0, infinity or NaN), as stored.
inline float q8_scale(int64_t n, const float* x, simd::F16& stored) {
  float largest = 0;
  bool is_nan = false;
  for (int64_t i = 0; i < n; ++i) {
    largest = std::max(largest, std::fabs(x[i]));
    is_nan |= x[i] != x[i];
  }
  convert(is_nan ? std::numeric_limits<float>::quiet_NaN() : largest / 127, stored);
  float scale;
  simd::store_n(&scale, simd::load_n(&stored, 1), 1);
  return scale < std::numeric_limits<float>::infinity() ? scale : 0.0f;
}

// Values apart by `stride`; scales in their order behind the values, apart by `scale_stride`.
inline void write_q8(int64_t n, const float* x, Q8* values, int64_t stride, simd::F16* scales,
                     int64_t scale_stride) {
  for (int64_t first = 0, block = 0; first < n; first += k_q8_block, ++block) {
    const int64_t last = std::min(n, first + k_q8_block);
    const float scale = q8_scale(last - first, x + first, scales[block * scale_stride]);
    for (int64_t i = first; i < last; ++i) {
      const float value = scale == 0 ? 0.0f : nearest(std::clamp(x[i] / scale, -127.0f, 127.0f));
      values[i * stride] = static_cast<Q8>(static_cast<int8_t>(value));
    }
  }
}

inline void write_key(int64_t n, const float* x, Q8* tile, int64_t index) {
  auto* scales = static_cast<simd::F16*>(static_cast<void*>(tile + n * k_page));
  write_q8(n, x, tile + index, k_page, scales + index, k_page);
}

inline void write_value(int64_t n, const float* x, Q8* tile, int64_t index) {
  auto* scales = static_cast<simd::F16*>(static_cast<void*>(tile + n * k_page));
  write_q8(n, x, tile + index * n, 1, scales + index * q8_blocks(n), 1);
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
      write_key(tiles.dk(), k[source], tiles.k(page, h), index);
      write_value(tiles.dv(), v[source], tiles.v(page, h), index);
    }
  }
};

}  // namespace

constexpr sdk::Kernels<3> k_kv_write_kernels = {
    op_kernel<KvWrite<simd::F16>>(TENON_CPU_ID("kv_write_f16"), TN_OP_KV_WRITE)
        .in<"f32", "f32", "i32", "f16">()
        .out<"f16">()
        .desc,
    op_kernel<KvWrite<float>>(TENON_CPU_ID("kv_write_f32"), TN_OP_KV_WRITE)
        .in<"f32", "f32", "i32", "f32">()
        .out<"f32">()
        .desc,
    op_kernel<KvWrite<Q8>>(TENON_CPU_ID("kv_write_q8_0"), TN_OP_KV_WRITE)
        .in<"f32", "f32", "i32", "q8_0">()
        .out<"q8_0">()
        .desc};

}  // namespace tenon::cpu
