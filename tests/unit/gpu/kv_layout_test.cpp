// Pools of a KV state: no two values share bytes, and rows come back from where they were put.
#include "backends/gpu/kv_layout.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

namespace tenon::gpu {
namespace {

constexpr uint32_t k_heads = 3;
constexpr uint64_t k_pages = 4;

class KvLayoutTest : public testing::TestWithParam<std::pair<KvCell, uint32_t>> {
 protected:
  KvPool pool_{{GetParam().first, GetParam().second}, k_heads};
  std::vector<uint8_t> bytes_ = std::vector<uint8_t>(k_pages * pool_.page_bytes(), 0);

  std::vector<uint8_t> read(uint64_t page, uint32_t first, uint32_t n) const {
    std::vector<uint8_t> rows(pool_.exchange_bytes(n));
    pool_.for_exchange(page, first, n, [&](uint64_t at, uint64_t to, uint64_t size) {
      std::memcpy(rows.data() + to, bytes_.data() + at, size);
    });
    return rows;
  }
  void write(uint64_t page, uint32_t first, uint32_t n, const std::vector<uint8_t>& rows) {
    pool_.for_exchange(page, first, n, [&](uint64_t at, uint64_t from, uint64_t size) {
      ASSERT_LE(at + size, bytes_.size());
      ASSERT_LE(from + size, rows.size());
      std::memcpy(bytes_.data() + at, rows.data() + from, size);
    });
  }
  std::vector<uint8_t> some_rows(uint32_t n, uint32_t seed) const {
    std::vector<uint8_t> rows(pool_.exchange_bytes(n));
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<uint8_t>(i * 7 + seed);
    return rows;
  }
};

TEST_P(KvLayoutTest, RowsComeBack) {
  const auto a = some_rows(64, 1), b = some_rows(5, 99);
  write(2, 0, 64, a);
  write(1, 0, 64, a);
  write(2, 17, 5, b);
  EXPECT_EQ(read(2, 17, 5), b);
  EXPECT_EQ(read(1, 0, 64), a) << "another page was written";
  std::vector<uint8_t> again = read(2, 0, 17), before = read(1, 0, 17);
  EXPECT_EQ(again, before) << "other positions were written";
  EXPECT_EQ(read(2, 22, 42), read(1, 22, 42));
}

TEST_P(KvLayoutTest, EveryByteOfARowIsItsOwn) {
  std::vector<int> owners(bytes_.size(), 0);
  for (uint64_t page = 0; page < k_pages; ++page)
    for (uint32_t position = 0; position < 64; ++position)
      pool_.for_exchange(page, position, 1, [&](uint64_t at, uint64_t, uint64_t size) {
        for (uint64_t i = at; i < at + size; ++i) EXPECT_EQ(++owners.at(i), 1);
      });
}

TEST_P(KvLayoutTest, MovedRowsAreTheSame) {
  const auto rows = some_rows(64, 3);
  write(0, 0, 64, rows);
  pool_.for_move({0, 40, 3, 7, 20, 0}, [&](uint64_t from, uint64_t to, uint64_t size) {
    std::memcpy(bytes_.data() + to, bytes_.data() + from, size);
  });
  EXPECT_EQ(read(3, 7, 20), read(0, 40, 20));
  EXPECT_EQ(read(0, 0, 64), rows);
}

INSTANTIATE_TEST_SUITE_P(Cells, KvLayoutTest,
                         testing::Values(std::pair{KvCell::f32, 20u}, std::pair{KvCell::f16, 64u},
                                         std::pair{KvCell::q8_0, 64u},
                                         std::pair{KvCell::q8_0, 80u}));

}  // namespace
}  // namespace tenon::gpu
