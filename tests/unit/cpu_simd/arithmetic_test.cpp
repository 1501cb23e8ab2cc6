// One arithmetic is one result: kernels that name the same one agree bit by bit, between packs and
// between one row and many.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "plugins/conformance/kernel_runner.hpp"
#include "plugins/conformance/oracle/random_weights.hpp"
#include "plugins/conformance/random.hpp"
#include "tests/conformance/weight_types.hpp"

namespace tenon::conformance {
namespace {

constexpr int64_t k_rows = 77, k_width = 1536, k_many = 512;

// y of `tokens` rows of x from the first one.
std::vector<float> multiply(const KernelCase& kernel, const std::vector<float>& x, int64_t first,
                            int64_t tokens) {
  const std::string dtype = kernel.in_dtype(0);
  Call call(kernel);
  call.weight({dtype, {k_rows, k_width}}, oracle::random_weights(dtype, k_rows * k_width, 7))
      .in({"f32", {tokens, k_width}, TN_SYM_ROWS},
          std::vector<float>(x.begin() + first * k_width, x.begin() + (first + tokens) * k_width))
      .out({"f32", {tokens, k_rows}, TN_SYM_ROWS});
  const RunReport report = KernelRunner(call).run(Schedule::pieces);
  EXPECT_TRUE(report.ran()) << report.fault;
  return call.result();
}

bool same_bits(const float* a, const float* b, int64_t n) {
  return std::memcmp(a, b, static_cast<std::size_t>(n) * sizeof(float)) == 0;
}

TEST(Arithmetic, IsTheSameInEveryPackAndForEveryRowCount) {
  const auto x = random_values(Inputs::outliers, k_many * k_width, 3);
  std::map<std::pair<std::string, std::string>, std::vector<float>> by_arithmetic;
  for (const KernelCase& kernel : kernel_cases(load_packs(TENON_TEST_PLUGIN_DIR), TN_OP_MATMUL)) {
    if (kernel.is_reference()) continue;
    SCOPED_TRACE(kernel.name());
    const auto many = multiply(kernel, x, 0, k_many);
    for (const int64_t t : {int64_t{0}, int64_t{255}, k_many - 1})
      EXPECT_TRUE(same_bits(multiply(kernel, x, t, 1).data(), many.data() + t * k_rows, k_rows))
          << "row " << t;
    const auto& first =
        by_arithmetic.try_emplace({kernel.in_dtype(0), kernel.arithmetic()}, many).first->second;
    EXPECT_TRUE(same_bits(first.data(), many.data(), k_many * k_rows));
  }
  for (const std::string& type : weight_types())
    EXPECT_TRUE(std::any_of(by_arithmetic.begin(), by_arithmetic.end(), [&](const auto& entry) {
      return entry.first.first == type;
    })) << type;
}

}  // namespace
}  // namespace tenon::conformance
