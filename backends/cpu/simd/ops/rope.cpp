// rope: rotary positions (arXiv:2104.09864) for x (T,H,d), positions (T)
//   [, factors (n_dims/2) [, other factors, select (T)]].
//   pair i of a head turns by positions[t] * base^(-2i/n_dims): values 2i and 2i+1, or with HALVES
//   i and i + n_dims/2. One table of sines and cosines serves all heads of a row.
#include <cstring>

#include "backends/cpu/simd/ops/common.hpp"
#include "backends/cpu/simd/ops/rotary.hpp"

namespace tenon::cpu {
namespace {

using simd::VecF;

struct Tables {
  double *frequency, *other;  // other: of rows that take the other factors
  float *cosine, *sine;       // halves: per pair; adjacent: per value, sines as -s, +s

  static int64_t bytes(int64_t n_dims) {
    return rotary::padded(n_dims) * static_cast<int64_t>(2 * sizeof(double) + 2 * sizeof(float));
  }
  Tables(void* scratch, int64_t n_dims)
      : frequency(static_cast<double*>(scratch)),
        other(frequency + rotary::padded(n_dims)),
        cosine(static_cast<float*>(static_cast<void*>(other + rotary::padded(n_dims)))),
        sine(cosine + rotary::padded(n_dims)) {}

  // From per pair to per value, in place: from the end, so that nothing is overwritten early.
  void spread(int64_t pairs) const {
    for (int64_t i = pairs; i-- > 0;) {
      const float c = cosine[i], s = sine[i];
      cosine[2 * i] = cosine[2 * i + 1] = c;
      sine[2 * i] = -s;
      sine[2 * i + 1] = s;
    }
  }
};

void rotate_adjacent(const Tables& t, int64_t n_dims, const float* x, float* y) {
  simd::map(
      n_dims, y, [](VecF v, VecF c, VecF s) { return simd::fma(simd::swap_pairs(v), s, v * c); }, x,
      t.cosine, t.sine);
}

void rotate_halves(const Tables& t, int64_t n_dims, const float* x, float* y) {
  const int64_t pairs = n_dims / 2, w = simd::k_width;
  int64_t i = 0;
  for (; i + w <= pairs; i += w) {
    const VecF a = simd::load(x + i), b = simd::load(x + pairs + i);
    const VecF c = simd::load(t.cosine + i), s = simd::load(t.sine + i);
    simd::store(y + i, simd::fnma(b, s, a * c));
    simd::store(y + pairs + i, simd::fma(a, s, b * c));
  }
  if (i == pairs) return;
  const int64_t n = pairs - i;
  const VecF a = simd::load_n(x + i, n), b = simd::load_n(x + pairs + i, n);
  const VecF c = simd::load(t.cosine + i), s = simd::load(t.sine + i);
  simd::store_n(y + i, simd::fnma(b, s, a * c), n);
  simd::store_n(y + pairs + i, simd::fma(a, s, b * c), n);
}

struct Rope : RowOp<Rope> {
  // Blocks of whole rows of T; a row has H*d values.
  static RowBlocks blocks(const Args& args) {
    const int64_t width = args.tensor(0).dim[1] * args.width(0);
    return {args.extent(0, 0), std::max<int64_t>(1, 4096 / std::max<int64_t>(1, width))};
  }
  static Work plan(const Args& args) {
    return Work()
        .phase(blocks(args).items())
        .worker(Tables::bytes(args.params<tn_rope_params>().n_dims));
  }
  static tn_status check(const tn_node_query& query) {
    const auto p = sdk::params<tn_rope_params>(*query.node);
    const tn_tensor& x = *query.t[0];
    if (x.rank != 3 || p.n_dims % 2 != 0 || p.n_dims > x.dim[2])
      return sdk::fail(query.host, TN_ERR_UNSUPPORTED, "rope takes (T,H,d) and even n_dims <= d");
    return RowOp::check(query);
  }
  static void run(const Args& args, unsigned, uint64_t first, uint64_t last, void* scratch) {
    const auto p = args.params<tn_rope_params>();
    const RowBlocks b = blocks(args);
    const Tables tables(scratch, p.n_dims);
    const bool has_factors = args.n_in() > 2 && args.has(2);
    rotary::frequencies(p, has_factors ? args.in<float>(2) : nullptr, tables.frequency);
    if (selects(args)) rotary::frequencies(p, args.in<float>(3), tables.other);
    for (int64_t t = b.begin(first); t < b.begin(last); ++t) row(args, tables, t);
  }
  static bool selects(const Args& args) { return (args.features() & TN_ROPE_SELECT) != 0; }
  static void row(const Args& args, const Tables& tables, int64_t t) {
    const auto p = args.params<tn_rope_params>();
    const int64_t heads = args.tensor(0).dim[1], d = args.width(0), n_dims = p.n_dims;
    const bool halves = (args.features() & TN_ROPE_HALVES) != 0;
    const bool other = selects(args) && args.in<int32_t>(4)[t] != 0;
    rotary::tables(n_dims / 2, args.in<int32_t>(1)[t], double{p.magnitude},
                   other ? tables.other : tables.frequency, tables.cosine, tables.sine);
    if (!halves) tables.spread(n_dims / 2);
    const Rows x(args, 0);
    for (int64_t h = 0; h < heads; ++h) {
      const float* from = x[t * heads + h];
      float* to = args.out<float>() + (t * heads + h) * d;
      (halves ? rotate_halves : rotate_adjacent)(tables, n_dims, from, to);
      if (n_dims < d)
        std::memmove(to + n_dims, from + n_dims, static_cast<size_t>(d - n_dims) * sizeof(float));
    }
  }
};

}  // namespace

constexpr sdk::Kernels<1> k_rope_kernels = {op_kernel<Rope>(TENON_CPU_ID("rope"), TN_OP_ROPE)
                                                .in<"f32", "i32", "f32", "f32", "i32">()
                                                .out<"f32">()
                                                .features(TN_ROPE_HALVES | TN_ROPE_FACTORS |
                                                          TN_ROPE_YARN | TN_ROPE_PARTIAL |
                                                          TN_ROPE_SCALED | TN_ROPE_SELECT)
                                                .desc};

}  // namespace tenon::cpu
