// Compiles a test's graph and executes it over one buffer.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "tests/unit/cpu_device/graph_maker.hpp"
#include "tests/unit/cpu_device/open_device.hpp"

namespace tenon::test {

class PlanRunner {
 public:
  using Syms = std::array<int64_t, TN_SYM_COUNT>;
  static constexpr Syms k_max = {0, 512, 512, 8, 1024};

  PlanRunner(OpenDevice& device, GraphMaker& maker) : device_(device) {
    buffer_ = device.buffer(maker.bytes() + 4);
    const tn_subgraph graph = maker.graph();
    const tn_compile_opts opts = {sizeof opts, 0, k_max.size(), 0, k_max.data()};
    EXPECT_EQ(device.api->compile(device.dev, &graph, &opts, &plan_), TN_OK) << device.host.error();
  }
  ~PlanRunner() {
    device_.api->plan_free(device_.dev, plan_);
    device_.api->buffer_free(device_.dev, buffer_);
  }
  PlanRunner(const PlanRunner&) = delete;
  PlanRunner& operator=(const PlanRunner&) = delete;

  float* data(uint64_t offset = 0) { return device_.map<float>(buffer_, offset); }
  std::vector<float> read(uint64_t offset, size_t n) { return {data(offset), data(offset) + n}; }
  tn_cmd_execute command(const Syms& syms = k_max, tn_kv* kv = nullptr) {
    syms_ = syms;
    binding_ = {buffer_, 0};
    tn_cmd_execute execute = {};
    execute.head = {sizeof execute, TN_CMD_EXECUTE};
    execute.plan = plan_;
    execute.kv = kv;
    execute.bindings = &binding_;
    execute.n_bindings = 1;
    execute.syms = syms_.data();
    execute.n_syms = TN_SYM_COUNT;
    return execute;
  }
  tn_status run(const Syms& syms = k_max, tn_kv* kv = nullptr) {
    return device_.submit(command(syms, kv));
  }

 private:
  OpenDevice& device_;
  tn_buffer* buffer_ = nullptr;
  tn_plan* plan_ = nullptr;
  tn_binding binding_ = {};
  Syms syms_ = {};
};

}  // namespace tenon::test
