// Philox 4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011): random
// words as a pure function of a key and a counter.
#pragma once

#include <array>
#include <cstdint>

namespace tenon {

using PhiloxCounter = std::array<std::uint32_t, 4>;
using PhiloxKey = std::array<std::uint32_t, 2>;

constexpr PhiloxCounter philox4x32_10(PhiloxCounter counter, PhiloxKey key) {
  constexpr std::uint64_t k_multiplier0 = 0xD2511F53, k_multiplier1 = 0xCD9E8D57;
  constexpr std::uint32_t k_weyl0 = 0x9E3779B9, k_weyl1 = 0xBB67AE85;
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product0 = k_multiplier0 * counter[0];
    const std::uint64_t product1 = k_multiplier1 * counter[2];
    counter = {static_cast<std::uint32_t>(product1 >> 32) ^ counter[1] ^ key[0],
               static_cast<std::uint32_t>(product1),
               static_cast<std::uint32_t>(product0 >> 32) ^ counter[3] ^ key[1],
               static_cast<std::uint32_t>(product0)};
    key[0] += k_weyl0;
    key[1] += k_weyl1;
  }
  return counter;
}

// The `index`-th number of stream `seed`, uniform in [0, 1), 53 bits.
constexpr double philox_uniform(std::uint64_t seed, std::uint64_t index) {
  const auto low = [](std::uint64_t x) { return static_cast<std::uint32_t>(x); };
  const PhiloxCounter words =
      philox4x32_10({low(index), low(index >> 32), 0, 0}, {low(seed), low(seed >> 32)});
  const std::uint64_t bits = (std::uint64_t{words[1]} << 32 | words[0]) >> 11;
  return static_cast<double>(bits) * 0x1.0p-53;
}

}  // namespace tenon
