// The allowed range of each sampling parameter, as a table.
#include "framework/sampling/sampling_params.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

namespace tenon {
namespace {

struct Range {
  std::string_view name;
  double value, min, max;
};

// NaN fails both comparisons.
bool holds(const Range& r) { return r.value >= r.min && r.value <= r.max; }

}  // namespace

Status validate(const SamplingParams& params, std::size_t vocab_size) {
  constexpr double k_smallest = 1e-6, k_largest = 1e6;
  const Range ranges[] = {
      {"temperature", params.temperature, 0, k_largest},
      {"top_k", static_cast<double>(params.top_k), 0, std::numeric_limits<std::int32_t>::max()},
      {"top_p", params.top_p, 0, 1},
      {"min_p", params.min_p, 0, 1},
      {"typical", params.typical, 0, 1},
      {"repeat_penalty", params.repeat_penalty, k_smallest, k_largest},
      {"repeat_last_n", static_cast<double>(params.repeat_last_n), 0, 1 << 20},
      {"presence_penalty", params.presence_penalty, -k_largest, k_largest},
      {"frequency_penalty", params.frequency_penalty, -k_largest, k_largest},
  };
  for (const Range& r : ranges)
    if (!holds(r))
      return fail(ErrorCode::usage,
                  fmt::format("{}: {} is not within {} and {}", r.name, r.value, r.min, r.max));
  for (const LogitBias& b : params.logit_bias) {
    if (b.id < 0 || static_cast<std::size_t>(b.id) >= vocab_size)
      return fail(ErrorCode::usage,
                  fmt::format("logit_bias: token {} is not below {}", b.id, vocab_size));
    const bool ban = std::isinf(b.bias) && b.bias < 0;
    if (!ban && !holds({"", b.bias, -k_largest, k_largest}))
      return fail(ErrorCode::usage,
                  fmt::format("logit_bias: {} for token {} is out of range", b.bias, b.id));
  }
  return {};
}

}  // namespace tenon
