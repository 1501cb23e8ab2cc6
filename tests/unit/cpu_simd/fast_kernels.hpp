// The kernels of the fast packs that this machine runs.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "plugins/conformance/kernel_runner.hpp"
#include "plugins/conformance/random.hpp"

namespace tenon::conformance {

// Some ops have none.
inline std::vector<KernelCase> kernels_of_simd_packs(const std::string& op) {
  std::vector<KernelCase> fast;
  for (const KernelCase& c : kernel_cases(load_packs(TENON_TEST_PLUGIN_DIR), op))
    if (c.pack->name == "baseline" || c.pack->name == "avx2" || c.pack->name == "avx512vnni")
      fast.push_back(c);
  return fast;
}

inline std::vector<KernelCase> fast_kernels(const std::string& op) {
  std::vector<KernelCase> fast = kernels_of_simd_packs(op);
  EXPECT_FALSE(fast.empty()) << "no fast pack runs " << op << " here";
  return fast;
}

// Runs and expects the contract to be kept.
inline std::vector<float> output_of(Call& call, Schedule schedule, unsigned output = 0) {
  const RunReport report = KernelRunner(call).run(schedule);
  EXPECT_TRUE(report.ran()) << report.fault;
  return call.result(output);
}

// The same bits, NaN included.
inline bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

// Rows first … first+count-1 of `width` values.
template <class T>
std::vector<T> rows_of(const std::vector<T>& all, int64_t first, int64_t count, int64_t width) {
  return {all.begin() + first * width, all.begin() + (first + count) * width};
}

}  // namespace tenon::conformance
