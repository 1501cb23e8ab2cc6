// The layout of weights: a field of a row lies where the kernels read it, and nothing is lost.
#include "backends/gpu/layouts/r16.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include "plugins/conformance/oracle/random_weights.hpp"

namespace tenon::gpu {
namespace {

std::vector<uint8_t> random_bytes(uint64_t n) {
  std::mt19937 generator(5);
  std::vector<uint8_t> bytes(n);
  for (uint8_t& b : bytes) b = static_cast<uint8_t>(generator());
  return bytes;
}

TEST(R16, KnowsTheSizesOfItsTypes) {
  for (const WeightType& type : weight_types()) {
    const oracle::Format& f = oracle::format(type.dtype);
    const auto blocks = type.block_values / static_cast<uint32_t>(f.values);
    EXPECT_EQ(type.block_bytes, blocks * static_cast<uint32_t>(f.bytes)) << type.dtype;
    uint32_t bytes = 0;
    for (const Field& field : type.fields) bytes += field.size;
    EXPECT_EQ(bytes, type.block_bytes) << type.dtype;
    EXPECT_EQ(type.block_values / 32 % type.unit, 0u) << type.dtype;
  }
  EXPECT_EQ(find_weight_type("q9_9"), nullptr);
}

template <sdk::Name... Types>
std::vector<std::string> names_of(Dtypes<Types...>) {
  return {Types.text...};
}

TEST(R16, NamesEveryType) {
  std::vector<std::string> rows;
  for (const WeightType& type : weight_types()) rows.emplace_back(type.dtype);
  EXPECT_EQ(rows, names_of(WeightDtypes()));
}

TEST(R16, GivesBackWhatWasPacked) {
  for (const WeightType& type : weight_types()) {
    for (const uint64_t rows : {1u, 15u, 16u, 17u, 50u}) {
      const R16 layout{&type, rows, uint64_t{type.block_values} * 3};
      const auto plain = random_bytes(rows * layout.row_bytes());
      std::vector<uint8_t> packed(layout.bytes(), 0xff), back(plain.size());
      layout.pack(plain.data(), packed.data(), 0, rows);
      layout.unpack(packed.data(), back.data(), 0, rows);
      EXPECT_EQ(back, plain) << type.dtype << ", " << rows << " rows";
    }
  }
}

// Parts are packed on their own, at tiles.
TEST(R16, PacksAndUnpacksParts) {
  const R16 layout{find_weight_type("q6_K"), 50, 512};
  const auto plain = random_bytes(50 * layout.row_bytes());
  std::vector<uint8_t> whole(layout.bytes()), parts(layout.bytes(), 0xff), back(plain.size());
  layout.pack(plain.data(), whole.data(), 0, 50);
  for (const auto& [first, last] : {std::pair<uint64_t, uint64_t>{0, 32}, {32, 50}}) {
    uint8_t* tile = parts.data() + first / 16 * layout.row_tile_bytes();
    layout.pack(plain.data() + first * layout.row_bytes(), tile, first, last);
    layout.unpack(tile, back.data() + first * layout.row_bytes(), first, last);
  }
  EXPECT_EQ(parts, whole);
  EXPECT_EQ(back, plain);
}

// The kernels rely on it: see backends/vulkan/formats.
TEST(R16, PutsFieldsWhereKernelsReadThem) {
  const R16 layout{find_weight_type("q5_0"), 17, 64};
  std::vector<uint8_t> plain(17 * layout.row_bytes()), packed(layout.bytes());
  for (size_t i = 0; i < plain.size(); ++i) plain[i] = static_cast<uint8_t>(i);
  layout.pack(plain.data(), packed.data(), 0, 17);
  const uint8_t* tile = packed.data() + 16 * 22;      // rows 0 .. 15, block 1
  const uint8_t* block = plain.data() + 3 * 44 + 22;  // row 3, block 1
  EXPECT_EQ(std::memcmp(tile + 3 * 16, block + 6, 16), 0) << "nibbles";
  EXPECT_EQ(std::memcmp(tile + 256 + 3 * 4, block + 2, 4), 0) << "fifth bits";
  EXPECT_EQ(std::memcmp(tile + 320 + 3 * 2, block, 2), 0) << "scale";
  EXPECT_EQ(std::memcmp(packed.data() + 2 * 352, plain.data() + 16 * 44 + 6, 16), 0) << "row 16";
  EXPECT_EQ(packed[2 * 352 + 16], 0) << "a row beyond the last";
}

// Rows of single values end anywhere.
TEST(R16, FillsRowsUpWithZeros) {
  const R16 layout{find_weight_type("f16"), 18, 33};
  const auto plain = random_bytes(18 * 66);
  ASSERT_EQ(layout.rows * layout.row_bytes(), plain.size());
  std::vector<uint8_t> packed(layout.bytes(), 0xff), back(plain.size());
  layout.pack(plain.data(), packed.data(), 0, 18);
  layout.unpack(packed.data(), back.data(), 0, 18);
  EXPECT_EQ(back, plain);
  const uint8_t* piece = packed.data() + 16 * 64 + 3 * 16;  // values 32 .. 39 of row 3
  EXPECT_EQ(std::memcmp(piece, plain.data() + 3 * 66 + 64, 2), 0);
  EXPECT_EQ(piece[2] | piece[15], 0);
}

TEST(R16, RefusesPartsOfBlocks) {
  const WeightType* type = find_weight_type("q4_K");
  EXPECT_TRUE((R16{type, 1, 256}.is_whole()));
  EXPECT_FALSE((R16{type, 1, 288}.is_whole()));
  EXPECT_FALSE((R16{type, 0, 256}.is_whole()));
  EXPECT_TRUE((R16{find_weight_type("f32"), 1, 7}.is_whole()));
}

}  // namespace
}  // namespace tenon::gpu
