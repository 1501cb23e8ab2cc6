// The oracle's formats against ggml's: hashes of what gguf-py 0.19 makes of the same 1,000 blocks.
// The hashes come from make_format_hashes.py.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "plugins/conformance/oracle/formats.hpp"
#include "weight_types.hpp"

namespace tenon {
namespace {

struct Golden {
  const char* dtype;
  uint64_t hash;
};
constexpr Golden k_golden[] = {
#include "format_hashes.inc"
};

// FNV-1a over the bits of the floats; every NaN counts as the same one.
uint64_t hash_of(const std::vector<double>& values) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (const double value : values) {
    const auto narrow = static_cast<float>(value);
    const uint32_t bits = std::isnan(narrow) ? 0x7fc00000u : std::bit_cast<uint32_t>(narrow);
    for (int byte = 0; byte < 4; ++byte) {
      hash = (hash ^ (bits >> (8 * byte) & 0xffu)) * 0x100000001b3u;
    }
  }
  return hash;
}

// Block 0 is all 0x00, block 1 all 0xff, the rest the low bytes of mt19937(31).
std::vector<uint8_t> blocks(std::size_t block_bytes) {
  std::mt19937 generator(31);
  std::vector<uint8_t> bytes(1000 * block_bytes);
  for (uint8_t& b : bytes) b = static_cast<uint8_t>(generator());
  std::fill_n(bytes.begin(), block_bytes, uint8_t{0});
  std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(block_bytes), block_bytes, uint8_t{0xff});
  return bytes;
}

TEST(Oracle, FormatsAreGgmls) {
  for (const Golden& golden : k_golden) {
    const auto bytes = blocks(static_cast<std::size_t>(oracle::format(golden.dtype).bytes));
    EXPECT_EQ(hash_of(oracle::dequantize(golden.dtype, bytes)), golden.hash) << golden.dtype;
  }
}

// The kit and the framework count the same: neither may include the other.
TEST(Oracle, KnowsEveryTypeOfWeights) {
  for (const std::string& name : conformance::weight_types()) {
    const DType& ours = *find_dtype(name);
    const auto& dtype = oracle::format(name);
    EXPECT_EQ(dtype.values, ours.block_elements) << name;
    EXPECT_EQ(dtype.bytes, ours.block_bytes) << name;
    if (ours.block_elements == 1) continue;
    EXPECT_TRUE(std::any_of(std::begin(k_golden), std::end(k_golden),
                            [&](const Golden& g) { return g.dtype == name; }))
        << name << " has no published values: make_format_hashes.py";
  }
}

}  // namespace
}  // namespace tenon
