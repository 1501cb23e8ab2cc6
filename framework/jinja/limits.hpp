// What one template may use: templates come from model files and are not trusted.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tenon::jinja {

// Chosen so that any template ends within 2 s of processor time and 256 MB of memory (its tree
// included) in a release build. They are counted, not measured: the same on every machine.
struct Limits {
  std::size_t source_bytes = 1 << 20;
  std::size_t name_bytes = 200;  // of a variable, an attribute, a filter, …
  int parse_depth = 100;         // nested expressions and blocks
  int run_depth = 600;           // nested evaluation, macro calls, nested values
  std::uint64_t steps = 20'000'000;
  std::size_t output_bytes = 4 << 20;
  std::size_t memory_bytes = 96 << 20;  // in use at any time while rendering
};

}  // namespace tenon::jinja
