// Every sampling parameter at and beyond its range.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "framework/sampling/sampling_params.hpp"

namespace tenon {
namespace {

constexpr float k_nan = std::numeric_limits<float>::quiet_NaN();
constexpr float k_inf = std::numeric_limits<float>::infinity();

TEST(SamplingParams, DefaultsAreValid) { EXPECT_TRUE(validate({}, 10)); }

TEST(SamplingParams, FloatsOutOfRangeAreNamed) {
  const struct {
    const char* name;
    float SamplingParams::*field;
    std::vector<float> bad;
  } cases[] = {
      {"temperature", &SamplingParams::temperature, {-1, k_nan, k_inf}},
      {"top_p", &SamplingParams::top_p, {-0.1f, 1.1f, k_nan}},
      {"min_p", &SamplingParams::min_p, {-0.1f, 1.1f, k_nan}},
      {"typical", &SamplingParams::typical, {-0.1f, 1.1f, k_nan}},
      {"repeat_penalty", &SamplingParams::repeat_penalty, {0, -1, k_nan, k_inf}},
      {"presence_penalty", &SamplingParams::presence_penalty, {k_nan, k_inf, -k_inf}},
      {"frequency_penalty", &SamplingParams::frequency_penalty, {k_nan, k_inf, -k_inf}},
  };
  for (const auto& c : cases)
    for (const float value : c.bad) {
      SamplingParams params;
      params.*c.field = value;
      const Status s = validate(params, 10);
      ASSERT_FALSE(s) << c.name << ' ' << value;
      EXPECT_EQ(s.error().code(), ErrorCode::usage);
      EXPECT_THAT(s.error().message(), testing::StartsWith(c.name));
    }
}

TEST(SamplingParams, CountsOutOfRangeAreRefused) {
  SamplingParams params;
  params.top_k = -1;
  EXPECT_FALSE(validate(params, 10));
  params = {};
  params.repeat_last_n = -1;
  EXPECT_FALSE(validate(params, 10));
  params.repeat_last_n = std::numeric_limits<std::int32_t>::max();
  EXPECT_FALSE(validate(params, 10));
}

TEST(SamplingParams, LogitBiasNeedsARealTokenAndNumber) {
  SamplingParams params;
  params.logit_bias = {{9, -k_inf}};
  EXPECT_TRUE(validate(params, 10));
  for (const LogitBias bad :
       {LogitBias{10, 1}, LogitBias{-1, 1}, LogitBias{0, k_inf}, LogitBias{0, k_nan}}) {
    params.logit_bias = {bad};
    EXPECT_FALSE(validate(params, 10)) << bad.id << ' ' << bad.bias;
  }
}

}  // namespace
}  // namespace tenon
