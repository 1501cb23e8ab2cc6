// One function per type; what a block holds is said in backends/vulkan/formats.
#include "backends/gpu/mirror/group.hpp"

#include <bit>
#include <cmath>
#include <cstring>

namespace tenon::gpu::mirror {
namespace {

uint32_t pair_at(const uint8_t* at) { return at[0] | static_cast<uint32_t>(at[1]) << 8; }

float half_at(const uint8_t* at) {
  const uint32_t bits = pair_at(at), exponent = bits >> 10 & 31u, fraction = bits & 1023u;
  const uint32_t sign = bits >> 15 << 31;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7f800000u | fraction << 13);
  const auto mantissa = static_cast<float>(exponent == 0 ? fraction : fraction + 1024u);
  const float size = std::ldexp(mantissa, static_cast<int>(exponent == 0 ? 1 : exponent) - 25);
  return sign != 0 ? -size : size;
}

uint8_t bits_of(uint32_t value) { return static_cast<uint8_t>(value); }

// 16 bytes: low nibbles are values 0 .. 15, high ones 16 .. 31.
void nibbles(const uint8_t* at, Group& g) {
  for (size_t i = 0; i < 16; ++i) {
    g.q[i] = at[i] & 15;
    g.q[i + 16] = at[i] >> 4;
  }
}

void fifth_bits(const uint8_t* at, Group& g) {
  for (size_t i = 0; i < 32; ++i) g.q[i] |= bits_of((at[i / 8] >> i % 8 & 1u) << 4);
}

void scale_and_minimum(const uint8_t* at, Group& g) {
  g.scale = half_at(at);
  g.minimum = -half_at(at + 2);
  g.has_minimum = true;
}

Group q8_0(const uint8_t* b, uint32_t) {
  Group g{};
  g.scale = half_at(b);
  std::memcpy(g.q.data(), b + 2, 32);
  return g;
}

Group q4_0(const uint8_t* b, uint32_t) {
  Group g{};
  g.scale = half_at(b);
  g.offset = 8;
  nibbles(b + 2, g);
  return g;
}

Group q4_1(const uint8_t* b, uint32_t) {
  Group g{};
  scale_and_minimum(b, g);
  nibbles(b + 4, g);
  return g;
}

Group q5_0(const uint8_t* b, uint32_t) {
  Group g{};
  g.scale = half_at(b);
  g.offset = 16;
  nibbles(b + 6, g);
  fifth_bits(b + 2, g);
  return g;
}

Group q5_1(const uint8_t* b, uint32_t) {
  Group g{};
  scale_and_minimum(b, g);
  nibbles(b + 8, g);
  fifth_bits(b + 4, g);
  return g;
}

void k_scales(const uint8_t* b, uint32_t n, Group& g) {
  const uint8_t* s = b + 4;
  const uint32_t high = n & 3u;
  const uint32_t scale = n < 4 ? s[n] & 63u : (s[n + 4] & 15u) | (s[high] & 0xc0u) >> 2;
  const uint32_t minimum = n < 4 ? s[n + 4] & 63u : (s[n + 4] & 0xf0u) >> 4 | (s[n] & 0xc0u) >> 2;
  g.scale = half_at(b) * static_cast<float>(scale);
  g.minimum = half_at(b + 2) * static_cast<float>(minimum);
  g.has_minimum = true;
}

Group q4_k(const uint8_t* b, uint32_t n) {
  Group g{};
  k_scales(b, n, g);
  for (size_t i = 0; i < 32; ++i) g.q[i] = b[16 + n / 2 * 32 + i] >> n % 2 * 4 & 15;
  return g;
}

Group q5_k(const uint8_t* b, uint32_t n) {
  Group g{};
  k_scales(b, n, g);
  for (size_t i = 0; i < 32; ++i) {
    const uint32_t low = b[48 + n / 2 * 32 + i] >> n % 2 * 4 & 15u;
    g.q[i] = bits_of(low | (b[16 + i] >> n & 1u) << 4);
  }
  return g;
}

Group q6_k(const uint8_t* b, uint32_t n) {
  Group g{};
  const uint32_t part = n / 4, run = n % 4;
  g.scale = half_at(b + 208);
  g.offset = 32;
  for (size_t i = 0; i < 32; ++i) {
    const uint32_t low = b[64 * part + run % 2 * 32 + i] >> run / 2 * 4 & 15u;
    g.q[i] = bits_of(low | (b[128 + 32 * part + i] >> 2 * run & 3u) << 4);
  }
  for (size_t h = 0; h < 2; ++h) g.sub[h] = static_cast<int8_t>(b[192 + 2 * n + h]);
  return g;
}

Group q3_k(const uint8_t* b, uint32_t n) {
  Group g{};
  const uint8_t* s = b + 96;
  g.scale = half_at(b + 108);
  g.offset = 4;
  for (size_t i = 0; i < 32; ++i) {
    const uint32_t pair = b[32 + n / 4 * 32 + i] >> n % 4 * 2 & 3u;
    g.q[i] = bits_of(pair | (b[i] >> n & 1u) << 2);
  }
  for (uint32_t h = 0; h < 2; ++h) {
    const uint32_t of = 2 * n + h, low = of < 8 ? s[of] & 15u : s[of - 8] >> 4;
    g.sub[h] = static_cast<int32_t>(low | (s[8 + of % 4] >> of / 4 * 2 & 3u) << 4) - 32;
  }
  return g;
}

void steps(Group& g) {
  constexpr int8_t k_steps[] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                1,    13,   25,  38,  53,  69,  89,  113};
  for (uint8_t& q : g.q) q = static_cast<uint8_t>(k_steps[q]);
}

Group iq4_nl(const uint8_t* b, uint32_t) {
  Group g{};
  g.scale = half_at(b);
  nibbles(b + 2, g);
  steps(g);
  return g;
}

Group iq4_xs(const uint8_t* b, uint32_t n) {
  Group g{};
  g.scale = half_at(b);
  nibbles(b + 8 + 16 * n, g);
  steps(g);
  const uint32_t low = b[4 + n / 2] >> n % 2 * 4 & 15u, high = pair_at(b + 2) >> 2 * n & 3u;
  g.sub.fill(static_cast<int32_t>(low | high << 4) - 32);
  return g;
}

Group tq2_0(const uint8_t* b, uint32_t n) {
  Group g{};
  g.scale = half_at(b + 64);
  g.offset = 1;
  for (size_t i = 0; i < 32; ++i) g.q[i] = b[n / 4 * 32 + i] >> n % 4 * 2 & 3;
  return g;
}

struct Row {
  std::string_view dtype;
  Group (*group)(const uint8_t* block, uint32_t number);
};

constexpr Row k_rows[] = {
    {"q8_0", q8_0}, {"q4_0", q4_0},     {"q4_1", q4_1},     {"q5_0", q5_0},
    {"q5_1", q5_1}, {"q4_K", q4_k},     {"q5_K", q5_k},     {"q6_K", q6_k},
    {"q3_K", q3_k}, {"iq4_nl", iq4_nl}, {"iq4_xs", iq4_xs}, {"tq2_0", tq2_0},
};

}  // namespace

Group group_of(const WeightType& type, const uint8_t* block, uint32_t number) {
  for (const Row& row : k_rows)
    if (row.dtype == type.dtype) return row.group(block, number);
  return {};
}

float value_of(const WeightType& type, const uint8_t* block, uint32_t i) {
  const std::string_view dtype = type.dtype;
  if (dtype == "f16") return half_at(block + 2 * i);
  if (dtype == "bf16") return std::bit_cast<float>(pair_at(block + 2 * i) << 16);
  float value = 0;
  std::memcpy(&value, block + 4 * i, 4);
  return value;
}

}  // namespace tenon::gpu::mirror
