// Rows of a paged cache by slot, written from the words of slots/cpu.h.
#pragma once

#include <algorithm>
#include <cstring>
#include <span>
#include <vector>

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

// A row of channels as rounded for q8_0: per block of 32 an f16 scale and integers.
struct RoundedRow {
  std::vector<double> scales;
  std::vector<int8_t> values;
};

inline RoundedRow round_q8_0(std::span<const float> row) {
  RoundedRow r;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i % 32 == 0) {
      float largest = 0;
      for (const float x : row.subspan(i, std::min<std::size_t>(32, row.size() - i))) {
        largest = std::max(largest, std::fabs(x));
      }
      r.scales.push_back(oracle::round_f16(largest / 127));
    }
    const auto scale = static_cast<float>(r.scales.back());
    const float nearest = scale == 0 ? 0 : std::nearbyint(row[i] / scale);
    r.values.push_back(static_cast<int8_t>(std::clamp(nearest, -127.0f, 127.0f)));
  }
  return r;
}

// The tile of (page, head): `width` channels, or positions by channel for keys.
struct Tile {
  uint8_t* bytes;
  std::size_t width, cell;
  bool by_channel;
  std::size_t index(std::size_t channel, std::size_t row_width) const {
    return by_channel ? channel * 64 + cell : cell * row_width + channel;
  }
};

inline void put_row(const std::string& dtype, const Tile& tile, std::span<const float> row) {
  if (dtype != "q8_0") {
    for (std::size_t i = 0; i < row.size(); ++i) {
      put_cell(dtype, tile.bytes, tile.index(i, tile.width), row[i]);
    }
    return;
  }
  const RoundedRow rounded = round_q8_0(row);
  for (std::size_t i = 0; i < row.size(); ++i) {
    tile.bytes[tile.index(i, tile.width)] = static_cast<uint8_t>(rounded.values[i]);
  }
  for (std::size_t b = 0; b < rounded.scales.size(); ++b) {
    put_cell("f16", tile.bytes + 64 * tile.width, tile.index(b, rounded.scales.size()),
             static_cast<float>(rounded.scales[b]));
  }
}

// The key of a head at `slot`: k tile (page, head), laid out [dk][64].
inline void put_key(Cache& cache, int32_t slot, uint32_t head, std::span<const float> key) {
  const auto page = static_cast<std::size_t>(slot / 64), cell = static_cast<std::size_t>(slot % 64);
  const std::size_t tile = page * cache.kv.page_stride + head * cache.kv.k_tile_bytes;
  put_row(cache.dtype, {cache.keys.data() + tile, cache.kv.dk, cell, true}, key);
}

// The value of a head at `slot`: v tile (page, head), laid out [64][dv].
inline void put_value(Cache& cache, int32_t slot, uint32_t head, std::span<const float> value) {
  const auto page = static_cast<std::size_t>(slot / 64), cell = static_cast<std::size_t>(slot % 64);
  const std::size_t tile = page * cache.kv.page_stride + head * cache.kv.v_tile_bytes;
  put_row(cache.dtype, {cache.values.data() + tile, cache.kv.dv, cell, false}, value);
}

// What a row of this dtype holds after `row` was written.
inline std::vector<double> stored(const std::string& dtype, std::span<const float> row) {
  std::vector<double> cells(row.begin(), row.end());
  if (dtype == "f16") std::ranges::transform(cells, cells.begin(), oracle::round_f16);
  if (dtype != "q8_0") return cells;
  const RoundedRow rounded = round_q8_0(row);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    cells[i] = rounded.scales[i / 32] * rounded.values[i];
  }
  return cells;
}

}  // namespace tenon::conformance
