// A pack whose kernels of tn.swiglu are off by 1 % and not a number: below every other pack, so
// that they run only where a test pins them.
#include <array>
#include <cmath>
#include <limits>
#include <tenon/sdk/kernel.hpp>

namespace {

using namespace tenon::sdk;

struct OffByOnePercent {
  static Work plan(const Args& a) { return Work().phase(a.rows(0)); }
  static void run(const Args& a, unsigned, uint64_t first, uint64_t last, void*) {
    const uint64_t n = static_cast<uint64_t>(a.width(0));
    for (uint64_t i = first * n; i < last * n; ++i) {
      const float gate = a.in<float>(0)[i], up = a.in<float>(1)[i];
      a.out<float>()[i] = 1.01f * gate / (1.0f + std::exp(-gate)) * up;
    }
  }
};

struct NotANumber : OffByOnePercent {
  static void run(const Args& a, unsigned, uint64_t first, uint64_t last, void*) {
    const uint64_t n = static_cast<uint64_t>(a.width(0));
    for (uint64_t i = first * n; i < last * n; ++i)
      a.out<float>()[i] = std::numeric_limits<float>::quiet_NaN();
  }
};

constexpr auto k_off = kernel<OffByOnePercent>("tenon.test.swiglu-off", TN_OP_SWIGLU)
                           .in<"f32", "f32">()
                           .out<"f32">()
                           .score(50);
constexpr auto k_nan = kernel<NotANumber>("tenon.test.swiglu-nan", TN_OP_SWIGLU)
                           .in<"f32", "f32">()
                           .out<"f32">()
                           .score(50);
constexpr std::array k_kernels = {&k_off.desc, &k_nan.desc};
constexpr std::array<const tn_layout_desc*, 0> k_layouts = {};

}  // namespace

TENON_KERNEL_PACK("tenon.test.wrong", "1.0.0", "Tenon", "wrong", "", k_kernels, k_layouts)
