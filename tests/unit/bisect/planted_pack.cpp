// A pack of kernels with one bug each, of the kinds that kernels really have. They score below every
// other pack, so that they run only where a test pins them.
#include <array>
#include <cmath>
#include <tenon/sdk/kernel.hpp>
#include <vector>

#include "backends/cpu/reference/attention.hpp"

namespace {

using namespace tenon::sdk;
namespace reference = tenon::cpu::reference;

// One lane is wrong, and only in steps of one row.
struct WrongLane {
  static Work plan(const Args& a) { return Work().phase(a.rows(0)); }
  static void run(const Args& a, unsigned, uint64_t first, uint64_t last, void*) {
    const auto n = static_cast<uint64_t>(a.width(0));
    for (uint64_t i = first * n; i < last * n; ++i) {
      const float gate = a.in<float>(0)[i], up = a.in<float>(1)[i];
      a.out<float>()[i] = gate / (1.0f + std::exp(-gate)) * up;
    }
    if (a.rows(0) == 1) a.out<float>()[n - 5] += 1.0f;
  }
};

template <bool LeavesLastRow, bool SpoilsInput>
struct Norm {
  static Work plan(const Args& a) { return Work().phase(a.rows(0)); }
  static void run(const Args& a, unsigned, uint64_t first, uint64_t last, void*) {
    const auto n = static_cast<uint64_t>(a.width(0));
    const auto rows = static_cast<uint64_t>(a.rows(0));
    for (uint64_t row = first; row < last; ++row) {
      if (LeavesLastRow && rows > 1 && row + 1 == rows) continue;  // what was there before stays
      const float* x = a.in<float>(0) + row * n;
      double sum = 0;
      for (uint64_t i = 0; i < n; ++i) sum += static_cast<double>(x[i]) * static_cast<double>(x[i]);
      const double eps = static_cast<double>(a.params<tn_norm_params>().eps);
      const auto scale = static_cast<float>(1 / std::sqrt(sum / static_cast<double>(n) + eps));
      for (uint64_t i = 0; i < n; ++i)
        a.out<float>()[row * n + i] = x[i] * scale * a.in<float>(1)[i];
      if (SpoilsInput) const_cast<float*>(x)[0] += 1.0f;  // somebody else still reads it
    }
  }
};

// The reference with an operand changed: positions, or the block table.
template <unsigned Operand, void (*Change)(std::vector<int32_t>&)>
struct ChangedAttention : reference::Attention<float> {
  static void run(const Args& a, unsigned phase, uint64_t first, uint64_t last, void* scratch) {
    const auto* values = a.in<int32_t>(Operand);
    const int64_t n = a.rows(Operand) * a.width(Operand);
    std::vector<int32_t> changed(values,
                                 values + (a.tensor(Operand).rank == 1 ? a.extent(Operand, 0) : n));
    Change(changed);
    tn_cpu_args raw = *a.raw();
    std::vector<void*> pointers(raw.ptr, raw.ptr + raw.n_in + 1);
    pointers[Operand] = changed.data();
    raw.ptr = pointers.data();
    Attention<float>::run(Args(&raw), phase, first, last, scratch);
  }
};
void one_too_few(std::vector<int32_t>& positions) {
  for (int32_t& p : positions) --p;
}
void second_page_is_the_first(std::vector<int32_t>& table) {
  if (table.size() > 1) table[1] = table[0];
}

// Values 0 … 31 of each row of x are multiplied with weights 32 … 63, and the other way round.
struct SwappedBlocks {
  static Work plan(const Args& a) { return Work().phase(a.extent(0, 0)); }
  static void run(const Args& a, unsigned, uint64_t first, uint64_t last, void*) {
    const auto k = static_cast<uint64_t>(a.width(1)), n = static_cast<uint64_t>(a.extent(0, 0));
    for (uint64_t t = 0; t < static_cast<uint64_t>(a.rows(1)); ++t)
      for (uint64_t row = first; row < last; ++row) {
        double sum = 0;
        for (uint64_t i = 0; i < k; ++i)
          sum += static_cast<double>(a.in<float>(0)[row * k + (i < 64 ? i ^ 32 : i)]) *
                 static_cast<double>(a.in<float>(1)[t * k + i]);
        a.out<float>()[t * n + row] = static_cast<float>(sum);
      }
  }
};

template <class K>
constexpr Kernel planted(const char* id, const char* op) {
  return kernel<K>(id, op).template out<"f32">().score(50);
}
template <class K>
constexpr Kernel attention(const char* id) {
  return planted<K>(id, TN_OP_ATTENTION).template in<"f32", "f32", "i32", "i32", "i32", "f32">();
}

constexpr auto k_lane = planted<WrongLane>("tenon.test.lane", TN_OP_SWIGLU).in<"f32", "f32">();
constexpr auto k_stale =
    planted<Norm<true, false>>("tenon.test.stale", TN_OP_RMS_NORM_MUL).in<"f32", "f32">();
constexpr auto k_spoils =
    planted<Norm<false, true>>("tenon.test.spoils", TN_OP_RMS_NORM_MUL).in<"f32", "f32">();
constexpr auto k_window = attention<ChangedAttention<2, one_too_few>>("tenon.test.window");
constexpr auto k_table =
    attention<ChangedAttention<4, second_page_is_the_first>>("tenon.test.table");
constexpr auto k_swapped =
    planted<SwappedBlocks>("tenon.test.swapped", TN_OP_MATMUL).in<"f32", "f32">();
constexpr std::array k_kernels = {&k_lane.desc,   &k_stale.desc, &k_spoils.desc,
                                  &k_window.desc, &k_table.desc, &k_swapped.desc};
constexpr std::array<const tn_layout_desc*, 0> k_layouts = {};

}  // namespace

TENON_KERNEL_PACK("tenon.test.planted", "1.0.0", "Tenon", "planted", "", k_kernels, k_layouts)
