// tn.cast: to nearest even, bit by bit; widening every 16-bit pattern.
#include <functional>
#include <map>

#include "kernel_test.hpp"
#include "plugins/conformance/dtypes.hpp"
#include "plugins/conformance/oracle/half.hpp"

namespace tenon::conformance {
namespace {

const std::map<std::string, double (*)(uint32_t)> k_decode = {{"f16", oracle::f16},
                                                              {"bf16", oracle::bf16}};
const std::map<std::string, double (*)(double)> k_round = {{"f16", oracle::round_f16},
                                                           {"bf16", oracle::round_bf16}};

bool same(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  return a == b && std::signbit(a) == std::signbit(b);
}

class CastTest : public KernelTest {
 protected:
  static constexpr int64_t k_width = 1023;

  std::string from() const { return GetParam().in_dtype(0); }
  std::string to() const { return GetParam().kernel->out_dtypes[0]; }

  template <class From, class To>
  std::vector<To> cast(std::vector<From> x) const {
    x.resize((x.size() + k_width - 1) / k_width * k_width);
    const int64_t rows = std::ssize(x) / k_width;
    Call call(GetParam());
    call.in({from(), {rows, k_width}, TN_SYM_ROWS}, x).out({to(), {rows, k_width}, TN_SYM_ROWS});
    EXPECT_TRUE(compute(call));
    return call.result<To>();
  }

  void check_widening() const {
    std::vector<uint16_t> all(65536);
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<uint16_t>(i);
    const auto got = cast<uint16_t, float>(all);
    for (const uint16_t bits : all) {
      ASSERT_TRUE(same(got[bits], k_decode.at(from())(bits))) << "pattern " << bits;
    }
  }

  // Random bits, every 16-bit value, the middles between them and their neighbours.
  std::vector<float> hard_values() const {
    std::mt19937 generator(2);
    std::vector<float> x;
    for (int i = 0; i < 100000; ++i) {
      const auto bits = static_cast<uint32_t>(generator());
      x.emplace_back();
      std::memcpy(&x.back(), &bits, 4);
    }
    for (uint32_t bits = 0; bits < 65535; ++bits) {
      const double low = k_decode.at(to())(bits), high = k_decode.at(to())(bits + 1);
      const auto middle = static_cast<float>((low + high) / 2);
      x.insert(x.end(), {static_cast<float>(low), middle, std::nextafterf(middle, INFINITY),
                         std::nextafterf(middle, -INFINITY)});
    }
    return x;
  }

  void check_narrowing() const {
    const auto x = hard_values();
    const auto got = cast<float, uint16_t>(x);
    for (std::size_t i = 0; i < x.size(); ++i) {
      ASSERT_TRUE(same(k_decode.at(to())(got[i]), k_round.at(to())(x[i]))) << x[i];
    }
  }
};

TEST_P(CastTest, RoundsToNearestEven) {
  const bool widens = dtype(from()).bytes == 2 && to() == "f32";
  const bool narrows = from() == "f32" && dtype(to()).bytes == 2;
  ASSERT_TRUE(widens || narrows) << "no oracle for " << from() << " to " << to();
  if (widens) check_widening();
  if (narrows) check_narrowing();
}

INSTANTIATE_TEST_SUITE_P(Packs, CastTest, kernels_of(TN_OP_CAST), name_of_case);

}  // namespace
}  // namespace tenon::conformance
