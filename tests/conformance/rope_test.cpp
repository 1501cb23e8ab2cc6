// tn.rope: every combination of features a kernel honours; angles may be rounded to float.
#include "plugins/conformance/oracle/rope.hpp"

#include "kernel_test.hpp"

namespace tenon::conformance {
namespace {

struct Setting {
  const char* name;
  uint64_t features;
  int64_t heads, width;
  tn_rope_params params;
};

constexpr uint32_t k_size = sizeof(tn_rope_params);
constexpr Setting k_settings[] = {
    {"pairs", 0, 3, 64, {k_size, 64, 1e4f, 1, 1, 0, 0, 0}},
    {"halves", TN_ROPE_HALVES, 9, 64, {k_size, 64, 1e5f, 1, 1, 0, 0, 0}},
    {"narrow", TN_ROPE_HALVES, 2, 6, {k_size, 6, 1e4f, 1, 1, 0, 0, 0}},
    {"wide", TN_ROPE_HALVES, 4, 256, {k_size, 256, 1e6f, 1, 1, 0, 0, 0}},
    {"partial_pairs", TN_ROPE_PARTIAL, 3, 80, {k_size, 32, 1e4f, 1, 1, 0, 0, 0}},
    {"partial", TN_ROPE_HALVES | TN_ROPE_PARTIAL, 3, 96, {k_size, 72, 1e4f, 1, 1, 0, 0, 0}},
    {"scaled", TN_ROPE_HALVES | TN_ROPE_SCALED, 2, 64, {k_size, 64, 1e4f, 0.25f, 1.19f, 0, 0, 0}},
    {"factors", TN_ROPE_HALVES | TN_ROPE_FACTORS, 2, 128, {k_size, 128, 5e5f, 1, 1, 0, 0, 0}},
    {"select",
     TN_ROPE_HALVES | TN_ROPE_FACTORS | TN_ROPE_SELECT,
     2,
     128,
     {k_size, 128, 5e5f, 1, 1, 0, 0, 0}},
    {"yarn",
     TN_ROPE_HALVES | TN_ROPE_YARN | TN_ROPE_SCALED,
     2,
     128,
     {k_size, 128, 1e6f, 0.25f, 1.1386f, 1, 23, 41}},
    {"everything",
     TN_ROPE_HALVES | TN_ROPE_FACTORS | TN_ROPE_YARN | TN_ROPE_PARTIAL | TN_ROPE_SCALED |
         TN_ROPE_SELECT,
     3,
     80,
     {k_size, 64, 1e4f, 0.5f, 0.9f, 0.75f, 5, 20}},
};

// Of rows that select nothing, or with SELECT the other ones.
std::vector<float> factors_of(const Setting& s, uint64_t feature = TN_ROPE_FACTORS) {
  if ((s.features & feature) == 0) return {};
  const unsigned seed = feature == TN_ROPE_SELECT ? 9 : 8;
  auto factors = random_values(Inputs::uniform, s.params.n_dims / 2, seed);
  for (float& f : factors) f = 2.0f + f;
  return factors;
}

// Some rows select the other factors, by any number that is not 0.
int32_t selects(int32_t position) { return position % 3 == 0 ? 0 : position % 3 == 1 ? 1 : -7; }

class RopeTest : public KernelTest {
 protected:
  // An empty result means that the kernel declined.
  std::optional<std::vector<float>> rotate(const Setting& s, const std::vector<float>& x,
                                           const std::vector<int32_t>& positions) const {
    const auto tokens = static_cast<int64_t>(positions.size());
    const View view = column_view(x, s.heads * s.width);
    Call call(GetParam());
    call.in({"f32", {tokens, s.heads, s.width}, TN_SYM_ROWS, {view.row_bytes, s.width * 4, 4}},
            view.parent)
        .in({"i32", {tokens}, TN_SYM_ROWS}, positions);
    const auto factors = factors_of(s);
    if (factors.empty()) {
      call.absent();
    } else {
      call.in({"f32", {s.params.n_dims / 2}}, factors);
    }
    if ((s.features & TN_ROPE_SELECT) != 0) {
      std::vector<int32_t> select;
      for (const int32_t p : positions) select.push_back(selects(p));
      call.in({"f32", {s.params.n_dims / 2}}, factors_of(s, TN_ROPE_SELECT))
          .in({"i32", {tokens}, TN_SYM_ROWS}, select);
    }
    call.out({"f32", {tokens, s.heads, s.width}, TN_SYM_ROWS});
    call.params(s.params).features(s.features);
    if (!compute(call)) return std::nullopt;
    return call.result();
  }

  // 1e-6 of the pair, plus what rounding the angle to float may cost unless all is in double.
  double limit(const Setting& s, double position, double magnitude) const {
    const double angle = position * std::max(1.0, double{s.params.freq_scale});
    const double rounding = GetParam().is_reference() ? 0 : angle * FLT_EPSILON;
    return (1e-6 + rounding) * std::max(1.0, magnitude);
  }
};

TEST_P(RopeTest, RotatesByTheAngle) {
  const std::vector<int32_t> positions = {0, 1, 2, 63, 64, 1000, 8191, 131071, 17};
  int ran = 0;
  for (const Setting& s : k_settings) {
    if (!GetParam().honours(s.features)) continue;
    SCOPED_TRACE(s.name);
    const int64_t row = s.heads * s.width;
    const auto x = random_values(Inputs::normal, std::ssize(positions) * row, 1);
    const auto y = rotate(s, x, positions);
    if (!y.has_value()) continue;
    double drift = 0;
    for (std::size_t at = 0; at < x.size(); at += static_cast<std::size_t>(s.width)) {
      const int32_t position = positions[at / static_cast<std::size_t>(row)];
      const std::vector<double> head(x.begin() + static_cast<std::ptrdiff_t>(at),
                                     x.begin() + static_cast<std::ptrdiff_t>(at) + s.width);
      const auto want =
          oracle::rope(head, s.params, s.features, factors_of(s),
                       {double(position), selects(position)}, factors_of(s, TN_ROPE_SELECT));
      for (std::size_t i = 0; i < want.size(); ++i) {
        const double error = std::fabs(y->at(at + i) - want[i]);
        drift = std::max(drift, error);
        ASSERT_LE(error, limit(s, position, std::fabs(want[i]))) << "position " << position;
        if (i >= s.params.n_dims) {
          ASSERT_EQ(y->at(at + i), x[at + i]);
        }
      }
    }
    report(std::string("worst_") + s.name, drift);
    ++ran;
  }
  EXPECT_GT(ran, 0) << "the kernel declined every setting";
}

TEST_P(RopeTest, TokensDoNotDependOnTheirNeighbours) {
  int ran = 0;
  for (const Setting& s : k_settings) {
    if (!GetParam().honours(s.features)) continue;
    const int64_t row = s.heads * s.width;
    const auto positions = random_ids(130, 8192, 2);
    const auto x = random_values(Inputs::normal, 130 * row, 3);
    const auto all = rotate(s, x, positions);
    if (!all.has_value()) continue;
    ++ran;
    for (const int64_t count : k_row_counts) {
      const auto part = rotate(s, {x.begin(), x.begin() + count * row},
                               {positions.begin(), positions.begin() + count});
      ASSERT_TRUE(part.has_value());
      EXPECT_TRUE(std::equal(part->begin(), part->end(), all->begin())) << s.name << " " << count;
    }
  }
  EXPECT_GT(ran, 0) << "the kernel declined every setting";
}

INSTANTIATE_TEST_SUITE_P(Packs, RopeTest, kernels_of(TN_OP_ROPE), name_of_case);

}  // namespace
}  // namespace tenon::conformance
