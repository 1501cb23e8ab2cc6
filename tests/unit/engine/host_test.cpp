// A Host and its engines: one set of devices and threads, one account of memory, nothing left over.
#include <gmock/gmock.h>
#include <malloc.h>

#include <cmath>
#include <filesystem>
#include <thread>

#include "framework/base/process_memory.hpp"
#include "framework/base/sanitizer.h"
#include "framework/include/tenon/tenon.hpp"
#include "tests/unit/engine/tiny_file.hpp"

namespace tenon::testing {
namespace {

using ::testing::HasSubstr;

std::ptrdiff_t entries(const char* folder) {
  const std::filesystem::directory_iterator first(folder);
  return std::distance(first, std::filesystem::directory_iterator());
}
std::ptrdiff_t threads() { return entries("/proc/self/task"); }
std::ptrdiff_t descriptors() { return entries("/proc/self/fd"); }

class Hosts : public ::testing::Test {
 protected:
  Hosts() : host_(*Host::create()) {}

  Engine::Builder builder() const {
    Engine::Builder made = Engine::builder(host_);
    made.model(file_.path()).backend("cpu/reference").context(256).threads(3);
    return made;
  }
  Engine engine() const {
    auto made = builder().build();
    if (!made) throw std::runtime_error(made.error().message());
    return std::move(*made);
  }
  static std::vector<Token> answer(Engine& engine) {
    auto reply =
        engine.complete("once upon a time").temperature(0).ignore_eos().max_tokens(30).run();
    if (!reply) throw std::runtime_error(reply.error().message());
    return reply->tokens;
  }

  TinyFile file_;
  Host host_;
};

TEST_F(Hosts, EnginesShareTheWorkersOfADevice) {
  Engine first = engine();
  const auto before = threads();
  Engine second = engine();
  EXPECT_EQ(threads(), before);
  const std::vector<Token> alone = answer(first);
  std::vector<Token> here, there;
  std::thread other([&] { there = answer(second); });
  here = answer(first);
  other.join();
  EXPECT_EQ(here, alone);
  EXPECT_EQ(there, alone);
}

// Both load and are dropped while the other computes.
TEST_F(Hosts, EnginesLoadWhileOthersCompute) {
  Engine computing = engine();
  const std::vector<Token> alone = answer(computing);
  std::thread other([&] {
    for (int i = 0; i < 5; ++i) EXPECT_EQ(engine().n_ctx(), 256);
  });
  for (int i = 0; i < 5; ++i) EXPECT_EQ(answer(computing), alone);
  other.join();
}

#if defined(TENON_ASAN) || defined(TENON_TSAN)
constexpr int k_engines = 250;  // a release build makes the thousand
#else
constexpr int k_engines = 1000;
#endif

TEST_F(Hosts, AThousandEnginesLeaveNothing) {
  const auto many = [&](int n) {
    for (int i = 0; i < n; ++i) {
      const auto made = builder().threads(1).build();
      ASSERT_TRUE(made) << i << ": " << made.error().message();
    }
  };
  many(50);
  const auto before = std::tuple(threads(), descriptors());
  const std::uint64_t bytes = private_bytes();
  many(k_engines - 50);
  EXPECT_EQ(std::tuple(threads(), descriptors()), before);
#if defined(TENON_ASAN)  // keeps what was freed in a quarantine, and looks for leaks itself
  constexpr std::uint64_t k_kept = std::uint64_t{320} << 20;
#else
  constexpr std::uint64_t k_kept = std::uint64_t{8} << 20;
#endif
  EXPECT_LT(private_bytes(), bytes + k_kept);
}

TEST_F(Hosts, TheSecondEngineIsRefusedWhenTheFirstHasTheMemory) {
  const auto devices = list_devices();
  ASSERT_TRUE(devices);
  const auto most = [&](double share) {
    Engine::Builder made = builder();
    const std::uint64_t page = engine().memory().kv / 4;  // of a context of 256
    made.kv_pages(static_cast<std::uint64_t>(
        share * static_cast<double>((*devices)[0].memory_free) / static_cast<double>(page)));
    return made.build();
  };
  {
    const auto first = most(0.6);
    ASSERT_TRUE(first) << first.error().message();
    const auto second = most(0.6);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code(), ErrorCode::limit);
    EXPECT_THAT(second.error().message(), HasSubstr("not enough memory"));
    EXPECT_TRUE(most(0.1));
  }
  EXPECT_TRUE(most(0.6));  // what was promised is free again
}

// What earlier tests have freed and the heap has kept: it is taken again without asking the system.
double heap_kept() { return static_cast<double>(mallinfo2().fordblks); }

#if defined(TENON_ASAN)  // maps and unmaps memory of its own now and then: the best of three counts
constexpr int k_attempts = 3;
#else
constexpr int k_attempts = 1;
#endif

struct Measured {
  double planned = 0, allocated = 0;
  double taken = 0, reused = 0;  // from the system, and of what the heap had kept
  bool agrees() const {
    return std::abs(planned / (taken + reused) - 1) <= 0.05 &&
           std::abs(allocated / taken - 1) <= 0.05;
  }
};

// Planned is the sum before; taken is what the system says that this process has got.
TEST_F(Hosts, WhatIsPlannedIsWhatIsTaken) {
  const Engine warm = engine();  // its workers and the heap are not part of the others
  struct Row {
    std::int64_t context, batch;
    std::uint64_t pages;
  };
  for (const Row& row : {Row{512, 64, 4000}, Row{65536, 512, 0}, Row{8192, 4096, 2000}}) {
    Measured m;
    for (int attempt = 0; attempt < k_attempts && !m.agrees(); ++attempt) {
      const std::uint64_t before = private_bytes();
      const double kept = heap_kept();
      const auto made = builder().context(row.context).batch(row.batch).kv_pages(row.pages).build();
      ASSERT_TRUE(made) << made.error().message();
      m = {static_cast<double>(made->memory().planned),
           static_cast<double>(made->memory().allocated),
           static_cast<double>(private_bytes() - before), kept - heap_kept()};
      ASSERT_EQ(made->plan().memory_by_device.size(), 1u);
      EXPECT_EQ(made->plan().memory_by_device[0].planned, made->memory().planned);
    }
    EXPECT_TRUE(m.agrees()) << m.planned << " planned, " << m.allocated << " allocated, " << m.taken
                            << " taken and " << m.reused << " of the heap";
  }
}

TEST_F(Hosts, ABuilderMayBuildTwice) {
  Engine::Builder made = builder();
  made.kernel("tn.matmul=!nobody.has.this");
  ASSERT_TRUE(made.build());
  EXPECT_TRUE(made.build());
}

TEST_F(Hosts, HaveTheirPluginsAlready) {
  const auto made = builder().plugin(TENON_FOREIGN_PLUGIN).build();
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code(), ErrorCode::usage);
}

}  // namespace
}  // namespace tenon::testing
