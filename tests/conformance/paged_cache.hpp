// Cells of a paged cache by slot, written and read from the words of slots/cpu.h.
#pragma once

#include <bit>
#include <cstring>

#include "plugins/conformance/call.hpp"
#include "plugins/conformance/oracle/half.hpp"

namespace tenon::conformance {

// The bits of the half that `oracle::round_f16` gives.
inline uint16_t half_bits(double x) {
  const double rounded = oracle::round_f16(x), magnitude = std::fabs(rounded);
  const uint32_t sign = std::signbit(rounded) ? 0x8000u : 0u;
  if (std::isinf(rounded)) return static_cast<uint16_t>(sign | 0x7c00u);
  if (magnitude < 0x1p-14) {
    return static_cast<uint16_t>(sign | static_cast<uint32_t>(magnitude * 0x1p24));
  }
  const int exponent = std::ilogb(magnitude);
  const auto mantissa = static_cast<uint32_t>((magnitude / std::ldexp(1.0, exponent) - 1) * 1024);
  return static_cast<uint16_t>(sign | static_cast<uint32_t>(exponent + 15) << 10 | mantissa);
}

inline void put_cell(const std::string& dtype, uint8_t* tiles, std::size_t index, float x) {
  if (dtype == "f32") return void(std::memcpy(tiles + index * 4, &x, 4));
  const uint16_t bits = half_bits(x);
  std::memcpy(tiles + index * 2, &bits, 2);
}

// Key i of a head at `slot`: tile (page, head), laid out [dk][64].
inline void put_key(Cache& cache, int32_t slot, uint32_t head, uint32_t i, float x) {
  const auto page = static_cast<std::size_t>(slot / 64), cell = static_cast<std::size_t>(slot % 64);
  const std::size_t tile = page * cache.kv.n_kv_heads + head;
  put_cell(cache.dtype, cache.keys.data(), (tile * cache.kv.dk + i) * 64 + cell, x);
}

// Value i of a head at `slot`: tile (page, head), laid out [64][dv].
inline void put_value(Cache& cache, int32_t slot, uint32_t head, uint32_t i, float x) {
  const auto page = static_cast<std::size_t>(slot / 64), cell = static_cast<std::size_t>(slot % 64);
  const std::size_t tile = page * cache.kv.n_kv_heads + head;
  put_cell(cache.dtype, cache.values.data(), (tile * 64 + cell) * cache.kv.dv + i, x);
}

// What a cell of this dtype holds after x was written.
inline double stored(const std::string& dtype, float x) {
  return dtype == "f32" ? double{x} : oracle::round_f16(x);
}

}  // namespace tenon::conformance
