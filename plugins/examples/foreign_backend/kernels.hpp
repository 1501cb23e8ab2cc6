// What a kernel is given, and the kernels: one function per op, some with another one for one row.
#pragma once

#include <tenon/abi/device.h>

#include <cstddef>
#include <cstring>

#include "kv.hpp"
#include "weight.hpp"

namespace foreign {

// A tensor in memory, with the extents of this step. Rows are counted over all axes but the last.
struct View {
  std::byte* data = nullptr;
  uint32_t rank = 0;
  int64_t dim[TN_MAX_RANK] = {}, stride[TN_MAX_RANK] = {};

  int64_t width() const { return dim[rank - 1]; }
  int64_t rows() const;
  std::byte* row_bytes(int64_t row) const;
  float* row(int64_t i) const { return reinterpret_cast<float*>(row_bytes(i)); }
  const int32_t* ints() const { return reinterpret_cast<const int32_t*>(data); }
};

inline constexpr size_t k_max_inputs = 5;
inline constexpr int64_t k_max_head = 512;  // values of a head that attention reads

struct Call {
  void (*run)(const Call& call) = nullptr;
  View in[k_max_inputs], out;
  const Weight* weight = nullptr;    // in[0], where that is a matrix of weights
  int64_t first_row = 0;             // of the matrix in the weight
  const Kv::State* state = nullptr;  // what the node reads or writes
  uint64_t features = 0;
  float* scratch = nullptr;
  std::byte params[64] = {};  // of the op, as this plugin knows them

  template <class P>
  P as() const {
    static_assert(sizeof(P) <= sizeof params);
    P p;
    std::memcpy(&p, params, sizeof p);
    return p;
  }
};

void matmul(const Call& c);
void matmul_row(const Call& c);  // one row of x, with the same bits
int64_t matmul_scratch(const tn_tensor& w);

void embed_rows(const Call& c);
void row_gather(const Call& c);
void add(const Call& c);
void mul(const Call& c);
void scale(const Call& c);
void silu(const Call& c);
void gelu_tanh(const Call& c);
void rms_norm(const Call& c);
void rms_norm_mul(const Call& c);
void rope(const Call& c);
void kv_write(const Call& c);
void attention(const Call& c);

}  // namespace foreign
