// Interner: one id per (kind, name), from any thread, names that never move.
#include "framework/base/interner.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace tenon {
namespace {

TEST(Interner, GivesOneIdPerKindAndName) {
  Interner names;
  const auto silu = names.intern(1, "tn.silu/1");
  EXPECT_NE(silu, 0u);
  EXPECT_EQ(names.intern(1, "tn.silu/1"), silu);
  EXPECT_NE(names.intern(2, "tn.silu/1"), silu);
  EXPECT_NE(names.intern(1, "tn.silu/2"), silu);
  EXPECT_EQ(names.find(1, "tn.silu/1"), silu);
  EXPECT_EQ(names.find(3, "tn.silu/1"), 0u);
}

TEST(Interner, KnowsNoEmptyNameAndNoForeignId) {
  Interner names;
  EXPECT_EQ(names.intern(1, ""), 0u);
  EXPECT_EQ(names.name(0), nullptr);
  EXPECT_EQ(names.name(1), nullptr);
  EXPECT_EQ(names.name(0xffffffffu), nullptr);
}

TEST(Interner, StringsStayWhereTheyAre) {
  Interner names;
  const auto first = names.intern(1, "first");
  const char* text = names.name(first);
  for (int i = 0; i < 10000; ++i) names.intern(1, "name" + std::to_string(i));
  EXPECT_EQ(names.name(first), text);
  EXPECT_STREQ(text, "first");
  EXPECT_EQ(names.intern(1, "first"), first);
}

TEST(Interner, AgreesBetweenThreads) {
  Interner names;
  constexpr int k_names = 500;
  std::vector<std::vector<std::uint32_t>> ids(4);
  std::vector<std::thread> threads;
  for (auto& mine : ids) {
    threads.emplace_back([&] {
      for (int i = 0; i < k_names; ++i) mine.push_back(names.intern(1, std::to_string(i)));
    });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& mine : ids) EXPECT_EQ(mine, ids[0]);
}

}  // namespace
}  // namespace tenon
