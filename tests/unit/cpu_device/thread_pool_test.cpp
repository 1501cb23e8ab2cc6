// The pool alone: every item once, barriers, parking and waking, crowded machines.
#include "backends/cpu/device/thread_pool.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <numeric>
#include <thread>
#include <vector>

namespace tenon::cpu {
namespace {

struct Phases {
  ThreadPool& pool;
  uint64_t items, max_chunk;
  std::vector<int> runs;
  int phases;
  bool wrong = false;

  // Phase p adds 1 to every item; all items must be at p before any becomes p + 1.
  static void body(void* context, unsigned worker) {
    auto& self = *static_cast<Phases*>(context);
    for (int p = 0; p < self.phases; ++p) {
      self.pool.share(worker, self.items, self.max_chunk, [&](uint64_t first, uint64_t last) {
        for (uint64_t i = first; i < last; ++i) ++self.runs[i];
      });
      self.pool.barrier([&] {
        for (const int seen : self.runs) self.wrong = self.wrong || seen != p + 1;
      });
    }
  }
};

class PoolSizes : public testing::TestWithParam<unsigned> {};

TEST_P(PoolSizes, EveryItemRunsOncePerPhase) {
  ThreadPool pool(GetParam(), std::thread::hardware_concurrency());
  ASSERT_EQ(pool.size(), GetParam());
  for (uint64_t items : {0u, 1u, 2u, 3u, 7u, 31u, 32u, 33u, 1000u}) {
    for (uint64_t max_chunk : {uint64_t{1}, uint64_t{3}, UINT64_MAX}) {
      Phases phases{pool, items, max_chunk, std::vector<int>(items), 10};
      ThreadPool::Turn(pool).run(Phases::body, &phases);
      EXPECT_FALSE(phases.wrong) << items << " items, chunks of " << max_chunk;
      EXPECT_EQ(std::accumulate(phases.runs.begin(), phases.runs.end(), uint64_t{0}), 10 * items);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Pool, PoolSizes, testing::Values(1, 2, 3, 4, 16));

void count_in(void* context, unsigned) { static_cast<std::atomic<int>*>(context)->fetch_add(1); }

TEST(ThreadPoolTest, ParkedWorkersWakeUp) {
  ThreadPool pool(3, 4);
  std::atomic<int> runs{0};
  for (int i = 1; i <= 20; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(i % 5));  // some parked, some not
    ThreadPool::Turn(pool).run(count_in, &runs);
    EXPECT_EQ(runs.load(), 3 * i);
  }
}

TEST(ThreadPoolTest, CallersTakeTurns) {
  ThreadPool pool(2, 2);
  std::atomic<int> runs{0};
  const auto call = [&] {
    for (int i = 0; i < 500; ++i) ThreadPool::Turn(pool).run(count_in, &runs);
  };
  std::thread a(call), b(call);
  call();
  a.join();
  b.join();
  EXPECT_EQ(runs.load(), 3 * 500 * 2);
}

TEST(ThreadPoolTest, AnUnusedPoolEnds) {
  for (int i = 0; i < 20; ++i) ThreadPool pool(4, 1);
}

TEST(GateTest, DeadlinesPass) {
  Gate gate;
  const uint64_t end = Gate::now_ns() + 5'000'000;
  EXPECT_FALSE(gate.wait_past(0, 10, end));
  EXPECT_GE(Gate::now_ns(), end);
  gate.advance();
  EXPECT_TRUE(gate.wait_past(0, 10, end)) << "what has come needs no time";
}

}  // namespace
}  // namespace tenon::cpu
