// Products in f32. Every output is summed in an order that depends on its row only, so that it has
// the same bits whatever else is in the call.
#include <algorithm>

#include "kernels.hpp"
#include "sums.hpp"

namespace foreign {

int64_t matmul_scratch(const tn_tensor& w) { return k_group_rows * w.dim[1]; }

// Unpacks a group of rows of w, and uses them for every row of x.
void matmul(const Call& c) {
  const View &w = c.in[0], &x = c.in[1];
  const int64_t n_out = w.dim[0], k = w.dim[1], tokens = x.rows();
  for (int64_t first = 0; first < n_out; first += k_group_rows) {
    const int64_t count = std::min(n_out - first, k_group_rows);
    for (int64_t r = 0; r < count; ++r)
      c.weight->unpack_row(c.first_row + first + r, c.scratch + r * k);
    for (int64_t t = 0; t < tokens; ++t)
      for (int64_t r = 0; r < count; ++r)
        c.out.row(t)[first + r] = dot(c.scratch + r * k, x.row(t), k);
  }
}

// One row of x: walks a group of rows of w column by column, without scratch.
void matmul_row(const Call& c) {
  constexpr int64_t k_columns = 32;  // a multiple of every block
  if (!c.weight->grouped()) return matmul(c);
  const View &w = c.in[0], &x = c.in[1];
  const int64_t n_out = w.dim[0], k = w.dim[1];
  if (x.rows() == 0) return;
  for (int64_t group = 0; group * k_group_rows < n_out; ++group) {
    float sums[k_group_rows][16] = {}, values[k_group_rows][k_columns];
    for (int64_t at = 0; at < k; at += k_columns) {
      const int64_t n = std::min(k - at, k_columns);
      c.weight->unpack_group(group, at, n, values[0], k_columns);
      for (int64_t r = 0; r < k_group_rows; ++r) add_products(values[r], x.row(0) + at, n, sums[r]);
    }
    const int64_t first = group * k_group_rows;
    for (int64_t r = 0; r < std::min(n_out - first, k_group_rows); ++r)
      c.out.row(0)[first + r] = total(sums[r]);
  }
}

}  // namespace foreign
