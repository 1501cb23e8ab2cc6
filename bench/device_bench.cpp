// Prints the costs that the device adds to kernels: barriers, empty nodes, wake-ups.
#include <sched.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "backends/cpu/device/thread_pool.hpp"
#include "tests/unit/cpu_device/graph_maker.hpp"
#include "tests/unit/cpu_device/open_device.hpp"
#include "tests/unit/cpu_device/test_kernels.hpp"

namespace {

using namespace tenon;
using test::GraphMaker;
using test::OpenDevice;

struct Empty {
  static sdk::Work plan(const sdk::Args& a) { return sdk::Work().phase(a.sym(TN_SYM_ROWS)); }
  static void run(const sdk::Args&, unsigned, uint64_t, uint64_t, void*) {}
};

// One core for each thread of this process: what is measured is the device, not the scheduler.
void pin_threads() {
  unsigned core = 0;
  const unsigned cores = std::thread::hardware_concurrency();
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    cpu_set_t mask;
    CPU_ZERO(&mask);
    CPU_SET(core++ % cores, &mask);
    sched_setaffinity(std::stoi(task.path().filename().string()), sizeof mask, &mask);
  }
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<long>(values.size() / 2),
                   values.end());
  return values[values.size() / 2];
}

template <class Work>
double ns_of(Work work) {
  const uint64_t start = cpu::Gate::now_ns();
  work();
  return static_cast<double>(cpu::Gate::now_ns() - start);
}

void report(const char* what, std::vector<double> ns) {
  const double least = *std::min_element(ns.begin(), ns.end());
  std::printf("%-58s median %9.1f ns  least %9.1f ns\n", what, median(ns), least);
}

void barriers(void* context, unsigned) {
  for (int i = 0; i < 2'000; ++i) static_cast<cpu::ThreadPool*>(context)->barrier();
}

void time_pool(unsigned n_threads) {
  cpu::ThreadPool pool(n_threads, std::thread::hardware_concurrency());
  pin_threads();
  std::vector<double> barrier, hot, parked;
  for (int i = 0; i < 31; ++i) {
    cpu::ThreadPool::Turn turn(pool);
    barrier.push_back(ns_of([&] { turn.run(barriers, &pool); }) / 2'000);
  }
  const auto nothing = [](void*, unsigned) {};
  for (int i = 0; i < 1001; ++i) {
    hot.push_back(ns_of([&] { cpu::ThreadPool::Turn(pool).run(nothing, nullptr); }));
  }
  for (int i = 0; i < 101; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(4));
    parked.push_back(ns_of([&] { cpu::ThreadPool::Turn(pool).run(nothing, nullptr); }));
  }
  std::printf("%u threads\n", n_threads);
  report("  barrier", barrier);
  report("  wake, run nothing, join: workers spinning", hot);
  report("  wake, run nothing, join: workers parked (4 ms idle)", parked);
}

void time_nodes(uint32_t n_threads, uint32_t n_nodes, int64_t items) {
  OpenDevice device(n_threads);
  pin_threads();
  GraphMaker maker(device.host.id("f32"));
  const uint32_t x = maker.tensor(TN_ROLE_INPUT, 1, 1);
  const uint32_t y = maker.tensor(TN_ROLE_OUTPUT, 1, 1);
  for (uint32_t i = 0; i < n_nodes; ++i) maker.node(test::bound<Empty>(), {x}, {y});
  const tn_subgraph graph = maker.graph();
  const int64_t syms[2][TN_SYM_COUNT] = {{0, items, 0, 0, 1}, {0, items, 0, 0, 2}};
  const tn_compile_opts opts = {sizeof opts, TN_SYM_COUNT, syms[1]};
  tn_plan* plan = nullptr;
  if (device.api->compile(device.dev, &graph, &opts, &plan) != TN_OK) std::abort();
  const tn_binding binding = {device.buffer(64), 0};
  tn_cmd_execute execute = {};
  execute.head = {sizeof execute, TN_CMD_EXECUTE};
  execute.plan = plan;
  execute.bindings = &binding;
  execute.n_bindings = 1;
  execute.n_syms = TN_SYM_COUNT;
  for (int moving = 0; moving < 2; ++moving) {
    std::vector<double> ns;
    for (int i = 0; i < 301; ++i) {
      execute.syms = syms[moving & i];
      ns.push_back(ns_of([&] { device.submit(execute); }) / n_nodes);
    }
    char what[80];
    std::snprintf(what, sizeof what, "  per node: %u threads, %u nodes of %lld items%s", n_threads,
                  n_nodes, static_cast<long long>(items), moving ? ", symbols change" : "");
    report(what, ns);
  }
  device.api->plan_free(device.dev, plan);
  device.api->buffer_free(device.dev, binding.buffer);
}

}  // namespace

int main() {
  for (unsigned n : {1u, 2u}) time_pool(n);
  for (uint32_t n : {1u, 2u}) time_nodes(n, 400, 2);
  time_nodes(2, 400, 64);
  time_nodes(2, 1, 2);
}
