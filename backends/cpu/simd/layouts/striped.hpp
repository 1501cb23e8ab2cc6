// Striped<Format>: the fields of the blocks of 16 rows side by side, so that one vector holds the
// same four bytes of quants of 16 rows. Format: k_fields, and Plain (block size, dtype).
//   A group of 16 rows is a run of chunks of 256 values (the last may be shorter). A chunk is
//   [field][block][unit of the field][16 rows][bytes of the unit].
#pragma once

#include "backends/cpu/simd/layouts/row_groups.hpp"

namespace tenon::cpu::matmul {

inline constexpr int64_t k_chunk = 256;  // values

enum class Field : uint8_t {
  byte = 1,   // units of one byte
  half = 2,   // units of two
  quads = 4,  // units of four
  bits,       // 32 single bits, one per value: bit 4k+j moves to byte j, bit k
};
struct FieldOfBlock {
  Field kind;
  int64_t offset, bytes;
  constexpr int64_t unit() const { return kind == Field::bits ? 4 : static_cast<int64_t>(kind); }
};

inline uint32_t bits_to_bytes(uint32_t bits) {
  uint32_t bytes = 0;
  for (uint32_t i = 0; i < 32; ++i) bytes |= (bits >> i & 1u) << (i % 4 * 8 + i / 4);
  return bytes;
}
inline uint32_t bytes_to_bits(uint32_t bytes) {
  uint32_t bits = 0;
  for (uint32_t i = 0; i < 32; ++i) bits |= (bytes >> (i % 4 * 8 + i / 4) & 1u) << i;
  return bits;
}

template <class Format>
struct Striped : RowGroups<Striped<Format>> {
  static constexpr int64_t k_values = Format::Plain::values;
  static constexpr int64_t k_bytes = Format::Plain::bytes;
  static constexpr int64_t k_chunk_blocks = k_chunk / k_values;

  static constexpr int64_t group_bytes(int64_t k) { return k / k_values * k_bytes * k_group; }

  // One block of one row as it is in the file.
  static void read_block(const std::byte* group, int64_t blocks, int64_t block, int64_t lane,
                         std::byte* plain) {
    each_unit(blocks, block, lane, [&](FieldOfBlock field, int64_t to, int64_t from) {
      move(field.kind, plain + to, group + from, bytes_to_bits);
    });
  }
  static void write_block(std::byte* group, int64_t blocks, int64_t block, int64_t lane,
                          const std::byte* plain) {
    each_unit(blocks, block, lane, [&](FieldOfBlock field, int64_t from, int64_t to) {
      move(field.kind, group + to, plain + from, bits_to_bytes);
    });
  }

 private:
  // Calls visit(field, offset in the plain block, offset in the group) for all units of a block.
  template <class Visit>
  static void each_unit(int64_t blocks, int64_t block, int64_t lane, Visit visit) {
    const int64_t chunk = block / k_chunk_blocks, first = chunk * k_chunk_blocks;
    const int64_t n = std::min(k_chunk_blocks, blocks - first);
    for (const FieldOfBlock& field : Format::k_fields) {
      const int64_t unit = field.unit();
      int64_t at = (first * k_bytes + n * field.offset + (block - first) * field.bytes) * k_group;
      at += lane * unit;
      for (int64_t i = 0; i < field.bytes; i += unit)
        visit(field, field.offset + i, at + i * k_group);
    }
  }

  static void move(Field kind, std::byte* to, const std::byte* from, uint32_t (*turn)(uint32_t)) {
    uint32_t four = 0;
    switch (kind) {
      case Field::byte:
        *to = *from;
        break;
      case Field::half:
        std::memcpy(to, from, 2);
        break;
      case Field::quads:
        std::memcpy(to, from, 4);
        break;
      case Field::bits:
        std::memcpy(&four, from, 4);
        four = turn(four);
        std::memcpy(to, &four, 4);
        break;
    }
  }
};

}  // namespace tenon::cpu::matmul
