// GGUF files cut at every byte, mutated, and very large tables: never a crash, never slow.
#include <gtest/gtest.h>

#include <ctime>
#include <filesystem>
#include <random>

#include "tests/unit/formats/gguf_builder.hpp"
#include "tests/unit/formats/gguf_walk.hpp"

namespace tenon::testing {
namespace {

// Processor time: the machine may be busy with other tests.
double seconds_since(std::clock_t start) {
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

// A heap block of the exact size, so that a sanitizer sees one byte too many.
bool survives(std::span<const std::byte> bytes) {
  const Bytes copy(bytes.begin(), bytes.end());
  const auto file = GgufFile::parse(copy, "hostile.gguf");
  if (file) return walk(*file) > 0;
  EXPECT_EQ(file.error().code(), ErrorCode::model);
  EXPECT_FALSE(file.error().message().empty());
  return false;
}

TEST(GgufHostile, TruncationAtEveryByteIsRefused) {
  const auto bytes = tiny_gguf().build();
  ASSERT_TRUE(survives(bytes));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(survives(std::span(bytes).first(size))) << size;
  }
}

// Every input that ever mattered to the fuzzer stays here; the tiny ones are its seeds.
TEST(GgufHostile, FuzzingCorpus) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(TENON_GGUF_CORPUS)) {
    const auto mapped = MappedFile::open(entry.path());
    ASSERT_TRUE(mapped) << mapped.error().message();
    const bool good = entry.path().filename().string().starts_with("tiny_");
    EXPECT_EQ(survives(mapped->bytes()), good) << entry.path();
    ++files;
  }
  EXPECT_GE(files, 2);
}

TEST(GgufHostile, TenThousandMutations) {
  const auto start = std::clock();
  const auto good = tiny_gguf().build();
  std::mt19937 random(1);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random()) % n; };
  constexpr std::uint64_t k_nasty[] = {0, 1, 255, 1U << 31, UINT32_MAX, 1ULL << 63, UINT64_MAX};
  int accepted = 0;
  for (int round = 0; round < 10'000; ++round) {
    auto bytes = good;
    for (std::size_t change = 0; change <= below(3); ++change) {
      const auto at = below(bytes.size() - 8);
      if (below(2) == 0) {
        bytes[at] = static_cast<std::byte>(random() & 0xffU);
      } else {
        std::memcpy(&bytes[at], &k_nasty[below(std::size(k_nasty))], 1 + below(8));
      }
    }
    accepted += survives(bytes) ? 1 : 0;
  }
  EXPECT_GT(accepted, 100);               // the mutations reach past the header …
  EXPECT_LT(accepted, 9'900);             // … and are noticed
  EXPECT_LT(seconds_since(start), 20.0);  // 2 ms each, with sanitizers
}

TEST(GgufHostile, TwoHundredThousandKeysAreNotQuadratic) {
  GgufBuilder builder;
  for (std::uint32_t i = 0; i < 200'000; ++i) builder.scalar("key." + std::to_string(i), i);
  const auto bytes = builder.build();
  const auto start = std::clock();
  const auto file = GgufFile::parse(bytes, "keys.gguf");
  ASSERT_TRUE(file) << file.error().message();
  for (std::uint64_t i = 0; i < 200'000; ++i) {
    ASSERT_EQ(file->metadata().get_u64("key." + std::to_string(i)).value(), i);
  }
  EXPECT_LT(seconds_since(start), 4.0);  // a quadratic one takes minutes
}

TEST(GgufHostile, TwoHundredThousandTensorsAreNotQuadratic) {
  GgufBuilder builder;
  for (std::uint32_t i = 0; i < 200'000; ++i) {
    builder.tensor({"t." + std::to_string(i), {1}, 24, Bytes(1), std::uint64_t{32} * i});
  }
  const auto bytes = builder.build();
  const auto start = std::clock();
  const auto file = GgufFile::parse(bytes, "tensors.gguf");
  ASSERT_TRUE(file) << file.error().message();
  EXPECT_EQ(file->tensors().size(), 200'000U);
  EXPECT_LT(seconds_since(start), 2.0);
}

TEST(GgufHostile, ManyStringsTakeMemoryOfTheFilesOrder) {
  const std::vector<std::string> empty(1'000'000);
  const auto bytes = GgufBuilder().strings("tokens", empty).build();
  const auto start = std::clock();
  const auto file = GgufFile::parse(bytes, "strings.gguf");
  ASSERT_TRUE(file) << file.error().message();
  EXPECT_EQ(file->metadata().get_strings("tokens").value()->size(), empty.size());
  EXPECT_LT(seconds_since(start), 2.0);
}

}  // namespace
}  // namespace tenon::testing
