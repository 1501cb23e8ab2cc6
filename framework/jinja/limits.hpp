// What one template may use: templates come from model files and are not trusted.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tenon::jinja {

struct Limits {
  std::size_t source_bytes = 1 << 20;
  int parse_depth = 100;  // nested expressions and blocks
  int run_depth = 600;    // nested evaluation, macro calls, nested values
  std::uint64_t steps = 10'000'000;
  std::size_t output_bytes = 4 << 20;
  std::size_t memory_bytes = 64 << 20;  // strings and containers made while rendering
};

}  // namespace tenon::jinja
