// tn.top_k: the largest in order, equals by index, listed ones behind them; all exactly.
#include "plugins/conformance/oracle/top_k.hpp"

#include <bit>
#include <numeric>

#include "kernel_test.hpp"

namespace tenon::conformance {
namespace {

class TopKTest : public KernelTest {
 protected:
  // listed: so many for each row, perhaps none.
  oracle::Top run(const std::vector<float>& x, int64_t width, uint32_t k,
                  const std::vector<int32_t>& listed = {}) const {
    const int64_t rows = std::ssize(x) / width, n = std::ssize(listed) / rows;
    const int64_t out = k + n;
    const View view = column_view(x, width);
    Call call(GetParam());
    call.in({"f32", {rows, width}, TN_SYM_OUT_ROWS, {view.row_bytes, 4}}, view.parent);
    if (n > 0)
      call.in({"i32", {rows, n}, TN_SYM_OUT_ROWS}, listed);
    else
      call.absent();
    call.out({"i32", {rows, out}, TN_SYM_OUT_ROWS})
        .out({"f32", {rows, out}, TN_SYM_OUT_ROWS})
        .params(tn_top_k_params{sizeof(tn_top_k_params), k});
    EXPECT_TRUE(compute(call));
    return {call.result<int32_t>(0), call.result<float>(1)};
  }

  void check(const std::vector<float>& x, int64_t width, uint32_t k,
             const std::vector<int32_t>& listed = {}) const {
    SCOPED_TRACE(testing::Message() << k << " of " << width);
    const oracle::Top got = run(x, width, k, listed);
    const auto n = static_cast<std::size_t>(width), rows = x.size() / n;
    oracle::Top want;
    for (std::size_t row = 0; row < rows; ++row) {
      const oracle::Top one = oracle::top_k(
          std::span(x).subspan(row * n, n), k,
          std::span(listed).subspan(row * (listed.size() / rows), listed.size() / rows));
      want.ids.insert(want.ids.end(), one.ids.begin(), one.ids.end());
      want.values.insert(want.values.end(), one.values.begin(), one.values.end());
    }
    EXPECT_EQ(got.ids, want.ids);
    EXPECT_EQ(words(got.values), words(want.values));
  }

  static std::vector<uint32_t> words(const std::vector<float>& values) {
    std::vector<uint32_t> bits;
    for (const float v : values) bits.push_back(std::bit_cast<uint32_t>(v));
    return bits;
  }
  static uint32_t at_most(uint32_t k, int64_t width) {
    return static_cast<uint32_t>(std::min<int64_t>(k, width));
  }
};

TEST_P(TopKTest, FindsTheLargestInOrder) {
  for (const int64_t width : k_lengths)
    for (const uint32_t k : {1u, 40u, 256u})
      check(random_values(Inputs::outliers, 3 * width, 1), width, at_most(k, width));
}

TEST_P(TopKTest, EqualsGoByIndex) {
  for (const int64_t width : {64, 577, 4097, 12345}) {
    auto x = random_values(Inputs::normal, width, 1);
    for (float& v : x) v = std::round(v * 2);
    for (float& v : x) v = v == 0 && &v - x.data() > width / 2 ? -0.0f : v;  // a zero like another
    check(x, width, at_most(256, width));
    check(std::vector<float>(static_cast<std::size_t>(width), -0.0f), width, at_most(256, width));
  }
}

// What a kernel might take for the place of the largest: ends, blocks of every size, steps of a lane.
TEST_P(TopKTest, FindsTheLargestWhereverTheyAre) {
  constexpr int64_t k_width = 70001;
  std::vector<float> x(k_width);
  for (int64_t i = 0; i < k_width; ++i) x[static_cast<std::size_t>(i)] = static_cast<float>(i);
  check(x, k_width, 256);
  std::reverse(x.begin(), x.end());
  check(x, k_width, 256);
  for (const int64_t step : {1, 2, 16, 32, 64, 128, 256}) {
    SCOPED_TRACE(step);
    x = random_values(Inputs::normal, k_width, 2);
    for (int64_t i = 0; i < 256; ++i) x[static_cast<std::size_t>(4111 + i * step)] += 100;
    check(x, k_width, 256);
  }
}

// The vocabularies of Qwen3 and Gemma 3, and one that is larger than any.
TEST_P(TopKTest, TakesWholeVocabularies) {
  for (const int64_t width : {151936, 262144, 262208, 600001})
    check(random_values(Inputs::normal, width, 3), width, 256);
}

TEST_P(TopKTest, ListedOnesFollow) {
  constexpr int64_t k_width = 1000;
  const auto x = random_values(Inputs::outliers, 3 * k_width, 4);
  std::vector<int32_t> listed = {0, 999, 5, 5, -1, 1000, 500, 2147483647, -2147483647};
  const std::size_t n = listed.size();
  for (std::size_t i = 0; i < 2 * n; ++i)
    listed.push_back(static_cast<int32_t>((int64_t{listed[i]} + 7) % 1010));
  check(x, k_width, 40, listed);
  check(x, k_width, 256, listed);
}

TEST_P(TopKTest, NothingOfARowThatIsNotFinite) {
  for (const float bad : {std::nanf(""), INFINITY, -INFINITY})
    for (const int64_t width : {1, 64, 5000})
      for (const int64_t at : {int64_t{0}, width / 2, width - 1}) {
        auto x = random_values(Inputs::normal, 3 * width, 5);
        x[static_cast<std::size_t>(width + at)] = bad;
        check(x, width, at_most(40, width), {0, 0, 0});
      }
}

INSTANTIATE_TEST_SUITE_P(Packs, TopKTest, kernels_of(TN_OP_TOP_K), name_of_case);

}  // namespace
}  // namespace tenon::conformance
