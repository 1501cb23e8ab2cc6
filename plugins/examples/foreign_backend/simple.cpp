// Kernels of rows: elementwise ones, norms, rows by their numbers, rotary positions.
#include <tenon/abi/ops.h>

#include <cmath>

#include "kernels.hpp"
#include "sums.hpp"

namespace foreign {

namespace {

template <class Function>
void each(const Call& c, Function function) {
  for (int64_t r = 0; r < c.in[0].rows(); ++r)
    for (int64_t i = 0; i < c.in[0].width(); ++i) c.out.row(r)[i] = function(c.in[0].row(r)[i]);
}

template <class Function>
void pairwise(const Call& c, Function function) {
  const bool one_row = (c.features & TN_ELEMENTWISE_BROADCAST) != 0;
  for (int64_t r = 0; r < c.in[0].rows(); ++r) {
    const float *a = c.in[0].row(r), *b = c.in[1].row(one_row ? 0 : r);
    for (int64_t i = 0; i < c.in[0].width(); ++i) c.out.row(r)[i] = function(a[i], b[i]);
  }
}

void norm(const Call& c, bool scaled) {
  const int64_t n = c.in[0].width();
  const float eps = c.as<tn_norm_params>().eps;
  for (int64_t r = 0; r < c.in[0].rows(); ++r) {
    const float* x = c.in[0].row(r);
    float* y = c.out.row(r);
    const float factor = 1.0f / std::sqrt(dot(x, x, n) / static_cast<float>(n) + eps);
    for (int64_t i = 0; i < n; ++i) y[i] = x[i] * factor * (scaled ? c.in[1].row(0)[i] : 1.0f);
  }
}

}  // namespace

int64_t View::rows() const {
  int64_t n = 1;
  for (uint32_t a = 0; a + 1 < rank; ++a) n *= dim[a];
  return n;
}

std::byte* View::row_bytes(int64_t row) const {
  std::byte* at = data;
  for (uint32_t a = rank - 1; a-- > 0;) {
    at += row % dim[a] * stride[a];
    row /= dim[a];
  }
  return at;
}

void add(const Call& c) {
  pairwise(c, [](float a, float b) { return a + b; });
}
void mul(const Call& c) {
  pairwise(c, [](float a, float b) { return a * b; });
}
void scale(const Call& c) {
  each(c, [factor = c.as<tn_scale_params>().factor](float x) { return factor * x; });
}
void silu(const Call& c) {
  each(c, [](float x) { return x / (1.0f + std::exp(-x)); });
}
void gelu_tanh(const Call& c) {
  constexpr float k_root = 0.797884560802865f;  // sqrt(2/pi)
  each(c,
       [](float x) { return 0.5f * x * (1.0f + std::tanh(k_root * (x + 0.044715f * x * x * x))); });
}
void rms_norm(const Call& c) { norm(c, false); }
void rms_norm_mul(const Call& c) { norm(c, true); }

void embed_rows(const Call& c) {
  for (int64_t t = 0; t < c.out.rows(); ++t)
    if (const int64_t id = c.in[1].ints()[t]; id >= 0 && id < c.in[0].dim[0])
      c.weight->unpack_row(c.first_row + id, c.out.row(t));
}

void row_gather(const Call& c) {
  for (int64_t o = 0; o < c.out.rows(); ++o)
    if (const int64_t id = c.in[1].ints()[o]; id >= 0 && id < c.in[0].dim[0])
      std::memcpy(c.out.row(o), c.in[0].row(id),
                  static_cast<size_t>(c.out.width()) * sizeof(float));
}

// Angles in double: positions reach into the hundred thousands.
void rope(const Call& c) {
  const auto p = c.as<tn_rope_params>();
  const uint32_t pairs = p.n_dims / 2;
  const bool halves = (c.features & TN_ROPE_HALVES) != 0;
  const float* factors = (c.features & TN_ROPE_FACTORS) != 0 ? c.in[2].row(0) : nullptr;
  const int64_t heads = c.in[0].dim[1];
  for (int64_t r = 0; r < c.in[0].rows(); ++r) {
    const float* x = c.in[0].row(r);
    float* y = c.out.row(r);
    std::memcpy(y, x, static_cast<size_t>(c.in[0].width()) * sizeof(float));
    for (uint32_t i = 0; i < pairs; ++i) {
      double angle = c.in[1].ints()[r / heads] * std::pow(double{p.base}, -2.0 * i / p.n_dims);
      angle *= double{p.freq_scale} / (factors != nullptr ? double{factors[i]} : 1.0);
      const auto cosine = static_cast<float>(p.magnitude * std::cos(angle));
      const auto sine = static_cast<float>(p.magnitude * std::sin(angle));
      const uint32_t first = halves ? i : 2 * i, second = halves ? i + pairs : 2 * i + 1;
      y[first] = x[first] * cosine - x[second] * sine;
      y[second] = x[first] * sine + x[second] * cosine;
    }
  }
}

}  // namespace foreign
