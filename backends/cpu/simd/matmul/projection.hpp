// Projection<W, N>: y_i = x · w_iT for N weights of one type over the same x: tn.matmul (N = 1) and
// tn.qkv_proj (N = 3). Phases: W::Input prepares x once (each worker for itself when there is one
// row), then items are groups of W::k_rows weight rows, of all weights in a row.
//   Every element of y is one chain of f32 additions over k, the same for any number of rows of x.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <tenon/sdk/kernel.hpp>
#include <utility>

#include "backends/cpu/simd/matmul/columns.hpp"
#include "backends/cpu/simd/simd.hpp"
#include "backends/cpu/simd/variant.hpp"

namespace tenon::cpu::matmul {

// A group of rows of one weight, and where their results go.
struct GroupOfRows {
  const std::byte* weights;
  float* y;
  int64_t y_stride;  // f32 values
  int64_t rows;      // of y that exist, <= W::k_rows
};

inline void store_rows(const GroupOfRows& rows, int64_t row, int64_t column, simd::VecF sums) {
  float* y = rows.y + column * rows.y_stride + row;
  if (row + simd::k_width <= rows.rows)
    simd::store(y, sums);
  else if (row < rows.rows)
    simd::store_n(y, sums, rows.rows - row);
}

// What a projection needs to know of the weights of one type, …
template <class W>
concept DescribesWeights = requires(int64_t k) {
  typename W::Input;   // x as it is multiplied: PlainRows, RoundedRows
  typename W::Layout;  // how the weights lie: packed_size, pack, unpack
  { W::k_arithmetic } -> std::convertible_to<const char*>;  // the name of how it rounds and adds
  { W::k_rows } -> std::convertible_to<int64_t>;            // rows of a group, the unit of work
  { W::k_multiple } -> std::convertible_to<int64_t>;        // K is a multiple of it
  { W::group_bytes(k) } -> std::same_as<int64_t>;           // of a group of rows of k values
};

// … and how they are multiplied: all columns of x at once, with room for 16 sums per column, …
template <class W>
concept TakesAllColumns = DescribesWeights<W> &&
    requires(const GroupOfRows& rows, const typename W::Input& input, float* sums) {
  W::multiply_all(rows, int64_t{}, input, sums);
};

// … or one register tile of vectors of rows by columns after the other.
template <class W>
concept TakesTiles = DescribesWeights<W> &&
    requires(const std::byte* group, const typename W::Input& input, simd::VecF (&sums)[1][1]) {
  { W::k_vectors } -> std::convertible_to<unsigned>;        // of rows, of many columns
  { W::k_alone_vectors } -> std::convertible_to<unsigned>;  // of rows, of a single column
  W::template multiply<1, 1>(group, int64_t{}, 0u, input.template columns<1>(0), sums);
};

template <class W>
concept Weights = TakesAllColumns<W> || TakesTiles<W>;

template <Weights W, unsigned N>
struct Projection {
  using Input = typename W::Input;
  static constexpr int64_t k_reuse = 4;  // groups of rows that stay in cache for all of x

  static tn_status check(const tn_node_query& q) {
    const tn_tensor& x = *q.t[N];
    int64_t width = 1;
    for (unsigned a = 1; a < x.rank; ++a) width *= x.dim[a];
    for (unsigned i = 0; i < N; ++i)
      if (q.t[i]->rank != 2 || q.t[i]->dim[1] != width || width % W::k_multiple != 0)
        return sdk::fail(q.host, TN_ERR_UNSUPPORTED, "weights must be (N,K), K in whole blocks");
    if (x.stride[x.rank - 1] != 4 || x.stride[0] % 4 != 0)
      return sdk::fail(q.host, TN_ERR_UNSUPPORTED, "x must be dense but for its rows");
    return TN_OK;
  }

  static RowsView rows_of_x(const sdk::Args& a) {
    return {a.in<std::byte>(N), a.extent(N, 0), a.tensor(0).dim[1], a.tensor(N).stride[0]};
  }
  static int64_t n_groups(const sdk::Args& a, unsigned i) {
    return (a.tensor(i).dim[0] + W::k_rows - 1) / W::k_rows;
  }

  // A worker's scratch: one row of x prepared, then sums.
  static int64_t sums_at(const RowsView& x) { return (Input::bytes(1, x.k) + 63) / 64 * 64; }
  static int64_t sums_bytes(const RowsView& x) {
    return TakesAllColumns<W> ? x.n * W::k_rows * static_cast<int64_t>(sizeof(float)) : 0;
  }

  static sdk::Work plan(const sdk::Args& a) {
    const RowsView x = rows_of_x(a);
    int64_t groups = 0;
    for (unsigned i = 0; i < N; ++i) groups += n_groups(a, i);
    sdk::Work work;
    if constexpr (Input::k_prepare_phases != 0) {
      work.phase(x.n, x.n == 1 ? TN_CPU_PHASE_REDUNDANT : 0);
      work.shared(Input::bytes(x.n, x.k)).worker(sums_at(x) + sums_bytes(x));
    }
    return work.phase(x.n == 0 ? 0 : groups);
  }

  static void run(const sdk::Args& a, [[maybe_unused]] unsigned phase, uint64_t first,
                  uint64_t last, void* scratch) {
    const RowsView x = rows_of_x(a);
    Input input(x, x.n == 1 ? scratch : a.shared());
    int64_t from = static_cast<int64_t>(first), to = static_cast<int64_t>(last);
    if constexpr (Input::k_prepare_phases != 0)
      if (phase < Input::k_prepare_phases) return input.prepare(from, to);
    for (unsigned i = 0; i < N && to > 0; ++i) {
      const int64_t n = n_groups(a, i);
      for (int64_t g = std::max<int64_t>(from, 0); g < std::min(to, n); g += k_reuse)
        multiply(a, i, input, scratch, g, std::min({g + k_reuse, to, n}));
      from -= n;
      to -= n;
    }
  }

  static void multiply(const sdk::Args& a, unsigned i, const Input& input,
                       [[maybe_unused]] void* scratch, int64_t first, int64_t last) {
    const int64_t n = a.tensor(i).dim[0], k = a.tensor(i).dim[1];
    const auto rows_of = [&](int64_t g, int64_t column) {
      return GroupOfRows{a.in<std::byte>(i) + g * W::group_bytes(k),
                         a.out<float>(i) + column * n + g * W::k_rows, n,
                         std::min<int64_t>(W::k_rows, n - g * W::k_rows)};
    };
    if constexpr (TakesAllColumns<W>) {
      void* sums = static_cast<std::byte*>(scratch) + sums_at(rows_of_x(a));
      for (int64_t g = first; g < last; ++g)
        W::multiply_all(rows_of(g, 0), k, input, static_cast<float*>(sums));
    } else {
      for (int64_t c = 0; c < input.groups().groups; ++c)
        for (int64_t g = first; g < last; ++g)
          k_tiles[static_cast<std::size_t>(input.groups().size(c) - 1)](
              rows_of(g, input.groups().begin(c)), k, input, c);
    }
  }

  template <unsigned C>
  static void group_by_columns(const GroupOfRows& rows, int64_t k, const Input& input,
                               int64_t group) {
    constexpr unsigned n_vectors = C == 1 ? W::k_alone_vectors : W::k_vectors;
    for (unsigned v = 0; v < W::k_rows / simd::k_width; v += n_vectors) {
      simd::VecF sums[n_vectors][C];
      W::template multiply<n_vectors, C>(rows.weights, k, v, input.template columns<C>(group),
                                         sums);
      for (unsigned h = 0; h < n_vectors; ++h)
        for (unsigned c = 0; c < C; ++c)
          store_rows(rows, int64_t{v + h} * simd::k_width, c, sums[h][c]);
    }
  }

  using Tile = void (*)(const GroupOfRows&, int64_t, const Input&, int64_t);
  template <unsigned... C>
  static constexpr std::array<Tile, sizeof...(C)> tiles(std::integer_sequence<unsigned, C...>) {
    return {group_by_columns<C + 1>...};
  }
  static constexpr std::array<Tile, Input::k_columns> k_tiles =
      tiles(std::make_integer_sequence<unsigned, Input::k_columns>());
};

// The description of one projection kernel; weights are of one type in one packed layout.
template <Weights W, unsigned N, sdk::Name DType, sdk::Name Layout>
constexpr tn_kernel_desc projection(const char* id) {
  const auto kernel = sdk::kernel<Projection<W, N>>(id, N == 1 ? TN_OP_MATMUL : TN_OP_QKV_PROJ)
                          .template layouts<Layout>()
                          .arithmetic(W::k_arithmetic)
                          .score(k_score);
  if constexpr (N == 1) return kernel.template in<DType, "f32">().template out<"f32">().desc;
  return kernel.template in<DType, DType, DType, "f32">().template out<"f32", "f32", "f32">().desc;
}

}  // namespace tenon::cpu::matmul
