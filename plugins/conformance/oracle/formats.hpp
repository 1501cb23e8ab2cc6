// Weight formats as published, one value at a time, and random weights in each of them.
#pragma once

#include <cmath>
#include <cstdint>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

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

// `count` bits from bit `first` on.
inline int bits_of(int value, int first, int count) { return (value >> first) % (1 << count); }

// Two bits of value i of a block of 256: 128 values share 32 bytes.
inline int two_bits(Bytes q, int i) {
  return bits_of(q[i / 128 * 32 + i % 32], i % 128 / 32 * 2, 2);
}

inline double q2_k_value(Bytes b, int i) {
  const int scale = b[i / 16] % 16, minimum = b[i / 16] / 16;
  return half_of(b + 80) * scale * two_bits(b + 16, i) - half_of(b + 82) * minimum;
}

inline double q3_k_value(Bytes b, int i) {
  const int group = i / 16;
  Bytes s = b + 96;
  const int low = group < 8 ? s[group] % 16 : s[group - 8] / 16;
  const int scale = low + 16 * bits_of(s[8 + group % 4], group / 4 * 2, 2) - 32;
  const int q = two_bits(b + 32, i) - (bits_of(b[i % 32], i / 32, 1) == 1 ? 0 : 4);
  return half_of(b + 108) * scale * q;
}

// q4_K and q5_K without the fifth bits: d * scale * q - dmin * minimum of 32 values.
inline double q45_k_value(Bytes b, Bytes nibbles, int fifth, int i) {
  const int group = i / 32;
  Bytes s = b + 4;
  const int scale = group < 4 ? s[group] % 64 : s[group + 4] % 16 + s[group - 4] / 64 * 16;
  const int minimum = group < 4 ? s[group + 4] % 64 : s[group + 4] / 16 + s[group] / 64 * 16;
  const int byte = nibbles[i / 64 * 32 + i % 32];
  const int q = (group % 2 == 0 ? byte % 16 : byte / 16) + 16 * fifth;
  return half_of(b) * scale * q - half_of(b + 2) * minimum;
}
inline double q4_k_value(Bytes b, int i) { return q45_k_value(b, b + 16, 0, i); }
inline double q5_k_value(Bytes b, int i) {
  return q45_k_value(b, b + 48, bits_of(b[16 + i % 32], i / 32, 1), i);
}

inline double q6_k_value(Bytes b, int i) {
  const int half = i / 128, j = i % 128, l = j % 32;
  const int low_byte = b[64 * half + (j / 32 % 2) * 32 + l], high_byte = b[128 + 32 * half + l];
  const int low = j < 64 ? low_byte % 16 : low_byte / 16;
  const int high = (high_byte >> (j / 32 * 2)) % 4;
  return half_of(b + 208) * signed_of(b[192 + i / 16]) * (low + 16 * high - 32);
}

inline double iq4(int q) {
  constexpr int k_steps[] = {-127, -104, -83, -65, -49, -35, -22, -10,
                             1,    13,   25,  38,  53,  69,  89,  113};
  return k_steps[q];
}
inline double iq4_nl_value(Bytes b, int i) { return half_of(b) * iq4(low_high(b + 2, i)); }
inline double iq4_xs_value(Bytes b, int i) {
  const int group = i / 32;
  const int low = group % 2 == 0 ? b[4 + group / 2] % 16 : b[4 + group / 2] / 16;
  const int scale = low + 16 * bits_of(b[2] + 256 * b[3], 2 * group, 2) - 32;
  return half_of(b) * scale * iq4(low_high(b + 8 + 16 * group, i % 32));
}

inline double tq2_0_value(Bytes b, int i) { return half_of(b + 64) * (two_bits(b, i) - 1); }

// The 4-bit floats of OCP Microscaling: sign, exponent of bias 1, one bit of fraction.
inline double mxfp4_value(Bytes b, int i) {
  const int code = low_high(b + 1, i), exponent = code % 8 / 2, fraction = code % 2;
  const double size = exponent == 0 ? 0.5 * fraction : std::ldexp(1 + 0.5 * fraction, exponent - 1);
  return std::ldexp(code < 8 || size == 0 ? size : -size, b[0] - 127);
}

// A dtype of the contract: values and bytes of a block, one value of it, and where a block keeps its
// f16 scales, so that random blocks hold sane ones.
struct Format {
  const char* dtype;
  int64_t values, bytes;
  double (*value)(Bytes block, int index);
  std::vector<int> halves;
};

inline const Format& format(const std::string& dtype) {
  static const std::vector<Format> k_formats = {
      {"i32", 1, 4, nullptr, {}},
      {"f32", 1, 4, f32_value, {}},
      {"f16", 1, 2, f16_value, {0}},
      {"bf16", 1, 2, bf16_value, {}},
      {"q4_0", 32, 18, q4_0_value, {0}},
      {"q4_1", 32, 20, q4_1_value, {0, 2}},
      {"q5_0", 32, 22, q5_0_value, {0}},
      {"q5_1", 32, 24, q5_1_value, {0, 2}},
      {"q8_0", 32, 34, q8_0_value, {0}},
      {"q2_K", 256, 84, q2_k_value, {80, 82}},
      {"q3_K", 256, 110, q3_k_value, {108}},
      {"q4_K", 256, 144, q4_k_value, {0, 2}},
      {"q5_K", 256, 176, q5_k_value, {0, 2}},
      {"q6_K", 256, 210, q6_k_value, {208}},
      {"iq4_nl", 32, 18, iq4_nl_value, {0}},
      {"iq4_xs", 256, 136, iq4_xs_value, {0}},
      {"tq2_0", 256, 66, tq2_0_value, {64}},
      {"mxfp4", 32, 17, mxfp4_value, {}},
  };
  for (const Format& f : k_formats) {
    if (dtype == f.dtype) return f;
  }
  throw std::invalid_argument("no dtype " + dtype);
}

inline std::vector<double> dequantize(const std::string& dtype, const std::vector<uint8_t>& bytes) {
  const Format& d = format(dtype);
  std::vector<double> values;
  for (std::size_t at = 0; at < bytes.size(); at += static_cast<std::size_t>(d.bytes)) {
    for (int i = 0; i < d.values; ++i) values.push_back(d.value(bytes.data() + at, i));
  }
  return values;
}

}  // namespace tenon::oracle
