// The table of element types against facts of the format that are easy to check by hand.
#include "framework/formats/dtype.hpp"

#include <gtest/gtest.h>

#include <set>

namespace tenon {
namespace {

TEST(DType, EveryRowIsFoundByNameAndNumber) {
  std::set<std::uint32_t> numbers;
  for (const auto& row : all_dtypes()) {
    EXPECT_EQ(find_dtype(row.name), &row);
    EXPECT_EQ(find_dtype_by_ggml(row.ggml_type), &row);
    EXPECT_TRUE(numbers.insert(row.ggml_type).second) << row.name;
  }
  EXPECT_EQ(find_dtype("q9_9"), nullptr);
  EXPECT_EQ(find_dtype_by_ggml(4), nullptr);  // Q4_2, removed long ago
}

// Bytes of a block from its fields: scales, then bits per element.
TEST(DType, BlockBytesFollowFromTheFields) {
  const struct {
    const char* name;
    std::uint32_t header_bytes, bits;
  } rows[] = {{"q4_0", 2, 4},      {"q4_1", 4, 4},      {"q5_0", 2, 5},
              {"q5_1", 4, 5},      {"q8_0", 2, 8},      {"q2_K", 16 + 4, 2},
              {"q3_K", 12 + 2, 3}, {"q4_K", 4 + 12, 4}, {"q5_K", 4 + 12, 5},
              {"q6_K", 16 + 2, 6}, {"iq4_nl", 2, 4},    {"iq4_xs", 2 + 2 + 4, 4},
              {"mxfp4", 1, 4},     {"tq2_0", 2, 2}};
  for (const auto& row : rows) {
    const auto* dtype = find_dtype(row.name);
    ASSERT_NE(dtype, nullptr) << row.name;
    EXPECT_EQ(dtype->block_bytes, row.header_bytes + dtype->block_elements * row.bits / 8)
        << row.name;
  }
}

}  // namespace
}  // namespace tenon
