// What the tests of all ops share: the cases of an op, running a call both ways, reporting figures.
#pragma once

#include <gtest/gtest.h>

#include <cstdio>
#include <string>

#include "plugins/conformance/kernel_runner.hpp"
#include "plugins/conformance/metrics.hpp"
#include "plugins/conformance/random.hpp"

namespace tenon::conformance {

// Around every vector width, and long enough to accumulate error.
inline constexpr int64_t k_lengths[] = {1,  7,  8,  9,  15, 16,  17,   31,
                                        32, 33, 63, 64, 65, 576, 1023, 4096};
inline constexpr int64_t k_row_counts[] = {0, 1, 2, 3, 7, 8, 9, 17, 64, 130};

class KernelTest : public testing::TestWithParam<KernelCase> {
 protected:
  // Prints "  kernel: what value" and keeps it in the test's report.
  void report(const std::string& what, double value) {
    std::printf("    %s: %s %.3g\n", GetParam().name().c_str(), what.c_str(), value);
    RecordProperty(what, testing::PrintToString(value));
  }
};

// The packs under test, loaded once: packs_under_test.cpp, or what a device makes of itself
// (tests/gpu).
const KernelPacks& packs_under_test();

// The kernels of one op, for INSTANTIATE_TEST_SUITE_P.
inline auto kernels_of(const char* op) {
  return testing::ValuesIn(kernel_cases(packs_under_test(), op));
}

inline std::string name_of_case(const testing::TestParamInfo<KernelCase>& info) {
  return info.param.name();
}

inline std::ostream& operator<<(std::ostream& out, const KernelCase& kernel_case) {
  return out << kernel_case.name();
}

// Runs the call whole and in pieces; the contract must be kept and the bits must agree. False if
// the kernel declined the shape or broke the contract.
inline bool compute(Call& call) {
  KernelRunner runner(call);
  const RunReport whole = runner.run(Schedule::whole);
  EXPECT_EQ(whole.fault, "");
  if (!whole.ran()) return false;
  std::vector<std::vector<uint8_t>> outputs;
  for (unsigned o = 0; o < call.n_outputs(); ++o) outputs.push_back(call.result<uint8_t>(o));
  const RunReport pieces = runner.run(Schedule::pieces);
  EXPECT_EQ(pieces.fault, "");
  for (unsigned o = 0; o < call.n_outputs(); ++o) {
    EXPECT_EQ(outputs[o] == call.result<uint8_t>(o), true)
        << "output " << o << " depends on how the items were split";
  }
  return pieces.ran();
}

// Rows of `width` floats laid out further apart: a column slice of a wider tensor.
struct View {
  std::vector<float> parent;
  int64_t row_bytes;
};

inline View column_view(const std::vector<float>& dense, int64_t width) {
  constexpr int64_t k_padding = 12;
  View view{{}, (width + k_padding) * 4};
  for (auto row = dense.begin(); row != dense.end(); row += width) {
    view.parent.insert(view.parent.end(), row, row + width);
    view.parent.insert(view.parent.end(), k_padding, std::nanf(""));
  }
  return view;
}

inline std::vector<double> widen(const std::vector<float>& values) {
  return {values.begin(), values.end()};
}

}  // namespace tenon::conformance
