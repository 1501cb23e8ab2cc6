// A block is random bytes whose scales are then set: any quants are valid quants.
#include "framework/synthesis/blocks.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>

#include "framework/sampling/philox.hpp"

namespace tenon {
namespace {

constexpr std::size_t k_words = 16;  // bytes of one draw

template <class T>
void store(std::byte* at, T value) {
  std::memcpy(at, &value, sizeof(value));
}

unsigned byte_at(const std::byte* at) { return std::to_integer<unsigned>(*at); }

// Of a positive number below 65504, halves rounded up.
std::uint16_t half_bits(float x) {
  if (x < 0x1p-14F) return static_cast<std::uint16_t>(x * 0x1p24F + 0.5F);
  const std::uint32_t rounded = std::bit_cast<std::uint32_t>(x) + 0x1000U;
  return static_cast<std::uint16_t>((rounded >> 13) - (112U << 10));
}

// Scales differ by up to a quarter from block to block; the noise is what lies in their place.
float varied(const std::byte* place, float scale) {
  return scale * (0.875F + static_cast<float>(byte_at(place)) * 0x1p-10F);
}

template <std::size_t At>
void set_scale(std::byte* block, float scale) {
  store(block + At, half_bits(varied(block + At, scale)));
}

// Quants from 0 up: what is taken off again (or added, if it is stored with its sign) is the scale
// times `HalfMiddle` / 2.
template <std::size_t At, std::size_t Min, unsigned HalfMiddle, bool Signed>
void set_scale_and_min(std::byte* block, float scale) {
  const float d = varied(block + At, scale);
  store(block + At, half_bits(d));
  const std::uint16_t minimum = half_bits(d * (static_cast<float>(HalfMiddle) / 2));
  store(block + Min, static_cast<std::uint16_t>(minimum | (Signed ? 0x8000U : 0U)));
}

// Ternary quants: the fourth pattern of two bits becomes the first.
void set_ternary(std::byte* block, float scale) {
  for (std::size_t i = 0; i < 64; ++i) {
    const unsigned b = byte_at(block + i), both = b & (b >> 1) & 0x55U;
    block[i] = static_cast<std::byte>(b & ~(both * 3));
  }
  set_scale<64>(block, scale);
}

// The scale is a power of two with the exponent in the first byte.
void set_exponent(std::byte* block, float scale) {
  const std::uint32_t exponent = (std::bit_cast<std::uint32_t>(scale) >> 23) & 0xffU;
  block[0] = static_cast<std::byte>(exponent);
}

// Plain types: sums of uniform bytes, which are near to normal.
float from_four(const std::byte* b) {
  const unsigned sum = byte_at(b) + byte_at(b + 1) + byte_at(b + 2) + byte_at(b + 3);
  return static_cast<float>(static_cast<int>(sum) - 510);
}
float from_two(const std::byte* b) {
  return static_cast<float>(static_cast<int>(byte_at(b) + byte_at(b + 1)) - 255);
}

void set_f32(std::byte* value, float scale) { store(value, from_four(value) * scale); }

void set_f16(std::byte* value, float scale) {
  const float x = from_two(value) * scale;
  store(value, static_cast<std::uint16_t>(half_bits(std::fabs(x)) | (x < 0 ? 0x8000U : 0U)));
}

void set_bf16(std::byte* value, float scale) {
  const auto bits = std::bit_cast<std::uint32_t>(from_two(value) * scale);
  store(value, static_cast<std::uint16_t>(bits >> 16));
}

struct BlockMaker {
  std::string_view dtype;
  double rms;  // of the values, if the scale is 1
  void (*set)(std::byte* block, float scale);
};

// With s a scale of 6 bits (s² is 1333.5 on average), q a quant: the rms of s*q, or of s*q - m*middle.
constexpr std::array k_makers{
    BlockMaker{"f32", 147.8, set_f32},
    BlockMaker{"f16", 104.5, set_f16},
    BlockMaker{"bf16", 104.5, set_bf16},
    BlockMaker{"q4_0", 4.637, set_scale<0>},
    BlockMaker{"q4_1", 4.61, set_scale_and_min<0, 2, 15, true>},
    BlockMaker{"q5_0", 9.247, set_scale<0>},
    BlockMaker{"q5_1", 9.233, set_scale_and_min<0, 2, 31, true>},
    BlockMaker{"q8_0", 73.9, set_scale<0>},
    BlockMaker{"q2_K", 13.87, set_scale_and_min<80, 82, 3, false>},
    BlockMaker{"q3_K", 43.34, set_scale<108>},
    BlockMaker{"q4_K", 258.3, set_scale_and_min<0, 2, 15, false>},
    BlockMaker{"q5_K", 526.9, set_scale_and_min<0, 2, 31, false>},
    BlockMaker{"q6_K", 1365.7, set_scale<208>},
    BlockMaker{"iq4_nl", 67.44, set_scale<0>},
    BlockMaker{"iq4_xs", 1246.2, set_scale<0>},
    BlockMaker{"mxfp4", 2.926, set_exponent},
    BlockMaker{"tq2_0", 0.866, set_ternary},
};

const BlockMaker* find_maker(const DType& dtype) {
  const auto row = std::ranges::find(k_makers, dtype.name, &BlockMaker::dtype);
  return row == k_makers.end() ? nullptr : row;
}

}  // namespace

void Noise::fill(std::span<std::byte> out, std::uint64_t first) const {
  const auto low = [](std::uint64_t x) { return static_cast<std::uint32_t>(x); };
  const PhiloxKey key = {low(seed), low(seed >> 32)};
  for (; !out.empty(); ++first) {
    const PhiloxCounter words =
        philox4x32_10({low(first), low(first >> 32), low(stream), low(stream >> 32)}, key);
    const std::size_t bytes = std::min(out.size(), k_words);
    std::memcpy(out.data(), words.data(), bytes);
    out = out.subspan(bytes);
  }
}

std::uint64_t stream_of(std::string_view name) {
  std::uint64_t hash = 14695981039346656037U;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return hash;
}

bool has_block_maker(const DType& dtype) { return find_maker(dtype) != nullptr; }

void make_blocks(const DType& dtype, const Noise& noise, float rms, std::uint64_t first,
                 std::span<std::byte> out) {
  const BlockMaker& maker = *find_maker(dtype);
  const auto scale = static_cast<float>(static_cast<double>(rms) / maker.rms);
  noise.fill(out, first * dtype.block_bytes / k_words);
  for (std::size_t at = 0; at < out.size(); at += dtype.block_bytes)
    maker.set(out.data() + at, scale);
}

float vector_value(const Noise& noise, std::uint64_t index, float middle) {
  std::array<std::byte, 4> bytes{};
  noise.fill(bytes, index);
  return middle + from_four(bytes.data()) * 0x1p-12F;
}

}  // namespace tenon
