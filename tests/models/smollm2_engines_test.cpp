// A thousand engines of a real model, one after another in one process that may open 200 files.
#include <gtest/gtest.h>
#include <malloc.h>
#include <sys/resource.h>

#include <filesystem>

#include "framework/base/process_memory.hpp"
#include "framework/include/tenon/tenon.hpp"
#include "tests/models/smollm2.hpp"

namespace tenon::testing {
namespace {

constexpr std::size_t k_engines = 1000;
constexpr std::uint64_t k_kept = std::uint64_t{16} << 20;

std::ptrdiff_t entries(const char* folder) {
  const std::filesystem::directory_iterator first(folder);
  return std::distance(first, std::filesystem::directory_iterator());
}

struct Left {
  std::ptrdiff_t descriptors = entries("/proc/self/fd"), threads = entries("/proc/self/task");
  std::uint64_t bytes = (malloc_trim(0), private_bytes());
};

// The tokens of a short answer of an engine that is gone when this returns.
std::vector<Token> answer() {
  auto engine = Engine::builder().model(smollm2_path()).context(512).threads(2).build();
  if (!engine) throw std::runtime_error(engine.error().message());
  auto reply = engine->complete("Once upon a time").temperature(0).max_tokens(2).run();
  if (!reply) throw std::runtime_error(reply.error().message());
  return reply->tokens;
}

TEST(SmolLM2Engines, AThousandLeaveNothing) {
  const rlimit few{200, 200};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &few), 0);
  std::vector<Token> first;
  for (std::size_t i = 0; i < 20; ++i) first = answer();
  const Left before;
  for (std::size_t i = 20; i < k_engines; ++i) ASSERT_EQ(answer(), first) << i;
  const Left after;
  EXPECT_EQ(after.descriptors, before.descriptors);
  EXPECT_EQ(after.threads, before.threads);
  EXPECT_LT(after.bytes, before.bytes + k_kept);
  std::printf("kept: %.1f MB\n",
              static_cast<double>(after.bytes) / 1e6 - static_cast<double>(before.bytes) / 1e6);
}

}  // namespace
}  // namespace tenon::testing
