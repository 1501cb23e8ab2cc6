// A pack of one kernel: tn.matmul for q4_1 weights as they lie in the file.
//   w (N,K) q4_1, x (T,K) f32 -> y (T,N) f32; one item of work is one row of w.
// Arithmetic "f32.dequant": exact weight values, products summed in f32 in an order that depends on
// K only. Its score of 50 is below every built-in pack but the reference, so that it runs only
// where it is asked for:  --kernel 'matmul[q4_1]@cpu=tenon.example.matmul-q4_1'
#include <array>
#include <bit>
#include <cstring>
#include <tenon/sdk/kernel.hpp>

namespace {

using namespace tenon::sdk;

constexpr int64_t k_block_values = 32, k_block_bytes = 20;  // half d, half m, 16 bytes of nibbles

float half_at(const uint8_t* bytes) {
  uint16_t half;
  std::memcpy(&half, bytes, sizeof half);
  const uint32_t sign = (half & 0x8000u) << 16, magnitude = (half & 0x7fffu) << 13;
  const float scaled = std::bit_cast<float>(magnitude) * 0x1p112f;  // bias 15 -> 127
  const bool special = magnitude >= 0x0f800000u;                    // infinity or NaN
  return std::bit_cast<float>(
      sign | (special ? magnitude | 0x7f800000u : std::bit_cast<uint32_t>(scaled)));
}

void unpack_row(const uint8_t* row, int64_t k, float* values) {
  for (; k > 0; k -= k_block_values, row += k_block_bytes, values += k_block_values) {
    const float d = half_at(row), m = half_at(row + 2);
    for (int i = 0; i < 16; ++i) {
      values[i] = d * static_cast<float>(row[4 + i] & 15) + m;
      values[i + 16] = d * static_cast<float>(row[4 + i] >> 4) + m;
    }
  }
}

// Eight partial sums: K is a multiple of 32, so every product has its place.
float dot(const float* a, const float* b, int64_t k) {
  float sum[8] = {};
  for (int64_t i = 0; i < k; i += 8)
    for (int64_t j = 0; j < 8; ++j) sum[j] += a[i + j] * b[i + j];
  return ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]));
}

struct MatmulQ41 {
  static tn_status check(const tn_node_query& q) {
    const tn_tensor &w = *q.t[0], &x = *q.t[1];
    if (w.rank == 2 && w.dim[1] % k_block_values == 0 && x.rank == 2 && x.stride[1] == 4)
      return TN_OK;
    return fail(q.host, TN_ERR_UNSUPPORTED, "needs rows of whole blocks");
  }

  static Work plan(const Args& a) { return Work().phase(a.extent(0, 0)).worker(a.width(0) * 4); }

  static void run(const Args& a, unsigned, uint64_t first, uint64_t last, void* scratch) {
    const int64_t k = a.width(0), rows = a.extent(0, 0), tokens = a.extent(1, 0);
    const int64_t x_stride = a.tensor(1).stride[0] / 4;
    auto* weights = static_cast<float*>(scratch);
    for (auto n = static_cast<int64_t>(first); n < static_cast<int64_t>(last); ++n) {
      unpack_row(a.in<uint8_t>(0) + n * (k / k_block_values * k_block_bytes), k, weights);
      for (int64_t t = 0; t < tokens; ++t)
        a.out<float>()[t * rows + n] = dot(weights, a.in<float>(1) + t * x_stride, k);
    }
  }
};

constexpr auto k_matmul = kernel<MatmulQ41>("tenon.example.matmul-q4_1", TN_OP_MATMUL)
                              .in<"q4_1", "f32">()
                              .out<"f32">()
                              .arithmetic("f32.dequant")
                              .score(50);
constexpr std::array k_kernels = {&k_matmul.desc};
constexpr std::array<const tn_layout_desc*, 0> k_layouts = {};

}  // namespace

TENON_KERNEL_PACK("tenon.example.one-kernel", "1.0.0", "Tenon", "one_kernel", "", k_kernels,
                  k_layouts)
