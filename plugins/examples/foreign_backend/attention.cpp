// The cache: storing rows, and reading them. Positions are read one after another, so that a row has
// the same bits in any step.
#include <tenon/abi/ops.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "kernels.hpp"

namespace foreign {

namespace {

// What one head of one row reads.
struct Reader {
  const Call& c;
  tn_attention_params params;
  const int32_t* pages;  // of its sequence
  int64_t first, last;   // positions
  uint32_t head;         // of the cache

  uint64_t slot(int64_t position) const {
    return static_cast<uint64_t>(pages[position / TN_PAGE_POSITIONS]) * TN_PAGE_POSITIONS +
           static_cast<uint64_t>(position % TN_PAGE_POSITIONS);
  }
  double score(const float* q, int64_t position) const {
    const Kv::State& s = *c.state;
    const std::byte* key = s.key(slot(position), head);
    double sum = 0;
    for (uint32_t i = 0; i < s.dk; ++i) sum += double{q[i]} * double{load(key, i, s.half)};
    sum *= double{params.scale};
    return params.softcap > 0 ? params.softcap * std::tanh(sum / params.softcap) : sum;
  }
  // The softmax is kept while the scores come: what was summed shrinks when a larger one is met.
  void read(const float* q, float* out) const {
    const Kv::State& s = *c.state;
    std::array<double, k_max_head> sums = {};
    double largest = 0, total = 0;
    for (int64_t p = first; p <= last; ++p) {
      if (!s.has(static_cast<int64_t>(slot(p)))) continue;
      const double now = score(q, p), before = total == 0 ? now : largest;
      largest = std::max(before, now);
      const double shrink = std::exp(before - largest), weight = std::exp(now - largest);
      total = total * shrink + weight;
      const std::byte* value = s.value(slot(p), head);
      for (uint32_t i = 0; i < s.dv; ++i)
        sums[i] = sums[i] * shrink + weight * double{load(value, i, s.half)};
    }
    for (uint32_t i = 0; i < s.dv; ++i)
      out[i] = total > 0 ? static_cast<float>(sums[i] / total) : 0.0f;
  }
};

}  // namespace

// k (T,K,dk), v (T,K,dv), slots (T)
void kv_write(const Call& c) {
  const Kv::State& s = *c.state;
  for (int64_t t = 0; t < c.in[0].dim[0]; ++t) {
    const int32_t slot = c.in[2].ints()[t];
    for (uint32_t h = 0; s.has(slot) && h < s.heads; ++h) {
      const auto at = static_cast<uint64_t>(slot);
      const float *k = c.in[0].row(t * s.heads + h), *v = c.in[1].row(t * s.heads + h);
      for (uint32_t i = 0; i < s.dk; ++i) store(s.key(at, h), i, s.half, k[i]);
      for (uint32_t i = 0; i < s.dv; ++i) store(s.value(at, h), i, s.half, v[i]);
    }
  }
}

// q (T,H,dk), state, positions (T), seq_ids (T), block_table (S,P)
void attention(const Call& c) {
  const auto params = c.as<tn_attention_params>();
  const int64_t heads = c.in[0].dim[1], width = c.in[4].dim[1];
  const int64_t group = heads / c.state->heads;
  for (int64_t t = 0; t < c.in[0].dim[0]; ++t) {
    const int64_t sequence = c.in[3].ints()[t];
    const int64_t last = sequence < 0 ? -1 : c.in[2].ints()[t];
    const int64_t first = params.window > 0 ? std::max<int64_t>(0, last - params.window + 1) : 0;
    const int32_t* pages = c.in[4].ints() + std::max<int64_t>(sequence, 0) * width;
    for (int64_t h = 0; h < heads; ++h)
      Reader{c, params, pages, first, last, static_cast<uint32_t>(h / group)}.read(
          c.in[0].row(t * heads + h), c.out.row(t * heads + h));
  }
}

}  // namespace foreign
