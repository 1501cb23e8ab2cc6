// Kernels over rows: the words that rows.glsl reads, the grid, and the conditions for both.
#pragma once

#include <bit>
#include <optional>

#include "declare.hpp"

namespace tenon::gpu {

// The axes before the last: t along the first one, whose extent may be symbolic, i over the others.
struct Rows {
  uint32_t sym = TN_SYM_STATIC, bound = 1;  // of t
  uint32_t inner = 1, third = 1;            // rows inside of one t; extent of the third axis
  uint32_t width = 0;

  bool operator==(const Rows&) const = default;
};

// Declines tensors whose rows have more than three axes, or too many of them for a grid.
tn_status rows_of(const NodeView& node, const tn_tensor& t, Rows& rows);

// Words from one row to the next along the three axes.
std::array<uint32_t, 3> row_steps(const tn_tensor& t);

bool is_dense(const tn_tensor& t);
// One number after another: operands like positions, and rows of which a kernel knows no step.
bool is_array(const tn_tensor& t);

struct RowKernel {
  const char* kernel;
  bool group_per_row = false;            // else a work-group takes 256 items of what one t holds
  uint32_t items = 0;                    // of a row; 0: its width
  std::optional<uint32_t> shape = {};    // operand whose rows are walked; none: the first output
  std::vector<Buffer> buffers = {};      // none: all inputs, then all outputs
  std::optional<uint32_t> n_steps = {};  // so many leading buffers have rows; none: all inputs
  uint32_t one_row = 0;                  // bit i: buffer i is one row for all
  bool any_width = false;                // the op has looked at the widths
  std::vector<uint32_t> own = {};        // pushed after the rows and their steps
  std::vector<uint32_t> constants = {};  // for specialisation
};

// Makes it the kernel of that name, which writes the last output as Part::rounded.
void round_result(const NodeView& node, const char* name, RowKernel& kernel);

// Appends one dispatch over rows. Outputs that are tensors must be dense and of the same rows.
tn_status dispatch_rows(const NodeView& node, const RowKernel& kernel, std::vector<Dispatch>& out);

inline uint32_t bits_of(float x) { return std::bit_cast<uint32_t>(x); }

// A grid axis over the rows of a symbolic or static extent.
inline Groups groups_of(uint32_t sym, uint32_t bound) {
  return sym == TN_SYM_STATIC ? Groups{bound} : Groups{1, sym, 1};
}
constexpr uint32_t ceil_div(uint64_t a, uint64_t b) {
  return static_cast<uint32_t>((a + b - 1) / b);
}

}  // namespace tenon::gpu
