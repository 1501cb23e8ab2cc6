// Philox against the known answers of the Random123 distribution (kat_vectors).
#include "framework/sampling/philox.hpp"

#include <gtest/gtest.h>

namespace tenon {
namespace {

static_assert(philox4x32_10({0, 0, 0, 0}, {0, 0}) ==
              PhiloxCounter{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
static_assert(philox4x32_10({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
                            {0xffffffff, 0xffffffff}) ==
              PhiloxCounter{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
static_assert(philox4x32_10({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
                            {0xa4093822, 0x299f31d0}) ==
              PhiloxCounter{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});

TEST(Philox, UniformStaysInRangeAndCentres) {
  double sum = 0;
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    const double u = philox_uniform(42, i);
    ASSERT_GE(u, 0.0);
    ASSERT_LT(u, 1.0);
    sum += u;
  }
  EXPECT_NEAR(sum / 100'000, 0.5, 0.005);  // 5 sigma
}

TEST(Philox, StreamsAndCountersUseAllTheirBits) {
  EXPECT_NE(philox_uniform(1, 0), philox_uniform(std::uint64_t{1} << 32, 0));
  EXPECT_NE(philox_uniform(0, 1), philox_uniform(0, std::uint64_t{1} << 32));
}

}  // namespace
}  // namespace tenon
