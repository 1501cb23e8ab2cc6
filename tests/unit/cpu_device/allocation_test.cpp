// After the first execution nothing is allocated any more: every operator new of the process is
// counted, and malloc's own statistics are compared where malloc is the system's.
#include <gtest/gtest.h>
#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "tests/unit/cpu_device/plan_runner.hpp"
#include "tests/unit/cpu_device/test_kernels.hpp"

namespace {

std::atomic<uint64_t> news{0};

void* counted(size_t size) {
  news.fetch_add(1, std::memory_order_relaxed);
  if (void* p = std::malloc(size != 0 ? size : 1)) return p;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(size_t size) { return counted(size); }
void* operator new[](size_t size) { return counted(size); }
void operator delete(void* p) noexcept { std::free(p); }
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete(void* p, size_t) noexcept { std::free(p); }
void operator delete[](void* p, size_t) noexcept { std::free(p); }

namespace tenon::test {
namespace {

// Bytes in use by malloc; constant under sanitizers, which bring their own malloc.
size_t malloc_bytes() {
  const struct mallinfo2 now = mallinfo2();
  return now.uordblks + now.hblkhd;
}

TEST(AllocationTest, ExecutionAllocatesNothing) {
  OpenDevice device(2);
  GraphMaker maker(device.host.id("f32"));
  const uint32_t x = maker.tensor(TN_ROLE_INPUT, 512, 4, TN_SYM_ROWS);
  const uint32_t y = maker.tensor(TN_ROLE_OUTPUT, 512, 4, TN_SYM_ROWS);
  for (int i = 0; i < 10; ++i) maker.node(bound<ReverseTriple>(), {x}, {y});
  const uint64_t before_compile = news.load();
  PlanRunner runner(device, maker);
  EXPECT_GT(news.load(), before_compile) << "the plugin's allocations are not seen";
  tn_timeline* timeline = nullptr;
  ASSERT_EQ(device.api->timeline_create(device.dev, 0, &timeline), TN_OK);
  ASSERT_EQ(runner.run(), TN_OK);

  tn_point wait = {timeline, 0}, signal = {timeline, 1};
  const uint64_t news_before = news.load();
  const size_t bytes_before = malloc_bytes();
  tn_status worst = TN_OK;
  for (uint64_t step = 1; step <= 200; ++step) {
    // Other rows at every step: kernels are planned anew.
    const tn_cmd_execute execute = runner.command({0, 1 + static_cast<int64_t>(step), 0, 0, 0});
    const tn_cmd* commands[] = {&execute.head};
    wait.value = step - 1;
    signal.value = step;
    const tn_submit work = {sizeof work, 0, &wait, &signal, commands, 1, 1, 1, 0, nullptr, nullptr};
    const tn_status status = device.api->submit(device.dev, device.queue, &work);
    if (status != TN_OK) worst = status;
  }
  const size_t bytes_after = malloc_bytes();
  const uint64_t news_after = news.load();
  EXPECT_EQ(worst, TN_OK) << device.host.error();
  EXPECT_EQ(news_after, news_before);
  EXPECT_EQ(bytes_after, bytes_before);
  device.api->timeline_destroy(device.dev, timeline);
}

}  // namespace
}  // namespace tenon::test
