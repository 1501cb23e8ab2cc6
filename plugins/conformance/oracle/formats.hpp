// Weight formats as published, one value at a time, and random weights in each of them.
#pragma once

#include <cstdint>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "../dtypes.hpp"
#include "half.hpp"

namespace tenon::oracle {

using Bytes = const uint8_t*;

inline double half_of(Bytes b) { return f16(static_cast<uint32_t>(b[0] + 256 * b[1])); }
inline int signed_of(uint8_t b) { return b < 128 ? b : b - 256; }
inline int low_high(Bytes q, int i) { return i < 16 ? q[i] % 16 : q[i - 16] / 16; }
inline int fifth(Bytes q, int i) { return (q[i / 8] >> (i % 8)) % 2 * 16; }

inline double f32_value(Bytes b, int) {
  return decode_float(b[0] + 256u * b[1] + 65536u * b[2] + 16777216u * b[3], 8, 23);
}
inline double f16_value(Bytes b, int) { return half_of(b); }
inline double bf16_value(Bytes b, int) { return bf16(static_cast<uint32_t>(b[0] + 256 * b[1])); }
inline double q4_0_value(Bytes b, int i) { return half_of(b) * (low_high(b + 2, i) - 8); }
inline double q4_1_value(Bytes b, int i) {
  return half_of(b) * low_high(b + 4, i) + half_of(b + 2);
}
inline double q5_0_value(Bytes b, int i) {
  return half_of(b) * (low_high(b + 6, i) + fifth(b + 2, i) - 16);
}
inline double q5_1_value(Bytes b, int i) {
  return half_of(b) * (low_high(b + 8, i) + fifth(b + 4, i)) + half_of(b + 2);
}
inline double q8_0_value(Bytes b, int i) { return half_of(b) * signed_of(b[2 + i]); }

inline double q4_k_value(Bytes b, int i) {
  const int group = i / 32;
  Bytes s = b + 4;
  const int scale = group < 4 ? s[group] % 64 : s[group + 4] % 16 + s[group - 4] / 64 * 16;
  const int minimum = group < 4 ? s[group + 4] % 64 : s[group + 4] / 16 + s[group] / 64 * 16;
  const int byte = b[16 + i / 64 * 32 + i % 32];
  const int q = group % 2 == 0 ? byte % 16 : byte / 16;
  return half_of(b) * scale * q - half_of(b + 2) * minimum;
}

inline double q6_k_value(Bytes b, int i) {
  const int half = i / 128, j = i % 128, l = j % 32;
  const int low_byte = b[64 * half + (j / 32 % 2) * 32 + l], high_byte = b[128 + 32 * half + l];
  const int low = j < 64 ? low_byte % 16 : low_byte / 16;
  const int high = (high_byte >> (j / 32 * 2)) % 4;
  return half_of(b + 208) * signed_of(b[192 + i / 16]) * (low + 16 * high - 32);
}

// `halves`: where a block keeps its scales, so that random blocks hold sane ones.
struct Format {
  const char* dtype;
  double (*value)(Bytes block, int index);
  std::vector<int> halves;
};

inline const Format& format(const std::string& dtype) {
  static const std::vector<Format> k_formats = {
      {"f32", f32_value, {}},       {"f16", f16_value, {0}},      {"bf16", bf16_value, {}},
      {"q4_0", q4_0_value, {0}},    {"q4_1", q4_1_value, {0, 2}}, {"q5_0", q5_0_value, {0}},
      {"q5_1", q5_1_value, {0, 2}}, {"q8_0", q8_0_value, {0}},    {"q4_K", q4_k_value, {0, 2}},
      {"q6_K", q6_k_value, {208}},
  };
  for (const Format& f : k_formats) {
    if (dtype == f.dtype) return f;
  }
  throw std::invalid_argument("no format " + dtype);
}

inline std::vector<double> dequantize(const std::string& dtype, const std::vector<uint8_t>& bytes) {
  const auto& d = conformance::dtype(dtype);
  const auto decode = format(dtype).value;
  std::vector<double> values;
  for (std::size_t at = 0; at < bytes.size(); at += static_cast<std::size_t>(d.bytes)) {
    for (int i = 0; i < d.values; ++i) values.push_back(decode(bytes.data() + at, i));
  }
  return values;
}

}  // namespace tenon::oracle
