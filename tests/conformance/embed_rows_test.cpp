// tn.embed_rows: dequantised bit by bit, for random, empty and full blocks.
#include "kernel_test.hpp"
#include "plugins/conformance/dtypes.hpp"
#include "plugins/conformance/oracle/random_weights.hpp"

namespace tenon::conformance {
namespace {

class EmbedRowsTest : public KernelTest {
 protected:
  static constexpr int64_t k_rows = 1000;

  std::string dtype_name() const { return GetParam().in_dtype(0); }

  static std::vector<uint8_t> random_bytes(std::size_t count) {
    std::mt19937 generator(31);
    std::vector<uint8_t> bytes(count);
    for (uint8_t& b : bytes) b = static_cast<uint8_t>(generator());
    return bytes;
  }

  // A table and what its values are.
  struct Table {
    std::vector<uint8_t> bytes;
    int64_t width;
    std::vector<double> values;
  };
  Table table_of(const std::vector<uint8_t>& bytes, int64_t width) const {
    return {bytes, width, oracle::dequantize(dtype_name(), bytes)};
  }

  // False if the kernel declined the width.
  bool check(const Table& table, const std::vector<int32_t>& ids) {
    const int64_t width = table.width;
    const auto tokens = std::ssize(ids);
    Call call(GetParam());
    const int64_t row_bytes = width / dtype(dtype_name()).values * dtype(dtype_name()).bytes;
    call.weight({dtype_name(), {std::ssize(table.bytes) / row_bytes, width}}, table.bytes)
        .in({"i32", {tokens}, TN_SYM_ROWS}, ids)
        .out({"f32", {tokens, width}, TN_SYM_ROWS});
    if (!compute(call)) return false;
    compare(table, ids, call.result());
    return true;
  }

  void compare(const Table& table, const std::vector<int32_t>& ids, const std::vector<float>& got) {
    const int64_t width = table.width;
    for (std::size_t i = 0; i < got.size(); ++i) {
      const auto column = static_cast<std::ptrdiff_t>(i) % width;
      const auto row = ids[i / static_cast<std::size_t>(width)];
      const auto value =
          static_cast<float>(table.values[static_cast<std::size_t>(row * width + column)]);
      if (std::isnan(value)) {
        ASSERT_TRUE(std::isnan(got[i])) << "value " << i;
        continue;
      }
      ASSERT_EQ(std::memcmp(&got[i], &value, sizeof(float)), 0)
          << "value " << i << " of " << dtype_name() << ": " << got[i] << ", not " << value;
    }
  }
};

TEST_P(EmbedRowsTest, DequantizesBitByBit) {
  const Dtype& d = dtype(dtype_name());
  const int64_t width = std::max<int64_t>(d.values, 32);
  const auto bytes = static_cast<std::size_t>(k_rows * width / d.values * d.bytes);
  const std::size_t row = bytes / k_rows;
  auto table = random_bytes(bytes);  // any bits at all: scales may be infinite or NaN
  std::fill_n(table.begin(), row, uint8_t{0});
  std::fill_n(table.begin() + static_cast<std::ptrdiff_t>(row), row, uint8_t{0xff});
  std::vector<int32_t> ids(k_rows);
  for (int32_t i = 0; i < k_rows; ++i) ids[static_cast<std::size_t>(i)] = i;
  EXPECT_TRUE(check(table_of(table, width), ids));
}

TEST_P(EmbedRowsTest, TakesAnyRowsInAnyOrder) {
  int ran = 0;
  for (const int64_t width : {576, 768, 4096, 33}) {
    if (width % dtype(dtype_name()).values != 0) continue;
    const Table table = table_of(oracle::random_weights(dtype_name(), 75 * width, 4), width);
    if (width == 768)
      for (const int64_t tokens : k_row_counts) ran += check(table, random_ids(tokens, 75, 5));
    ran += check(table, random_ids(19, 75, 6));
  }
  EXPECT_GT(ran, 0) << "the kernel declined every width";
}

INSTANTIATE_TEST_SUITE_P(Packs, EmbedRowsTest, kernels_of(TN_OP_EMBED_ROWS), name_of_case);

}  // namespace
}  // namespace tenon::conformance
