// Plans: phases, redundant phases, views, bindings, symbols, state, timing and cancellation.
#include <numeric>

#include "tests/unit/cpu_device/plan_runner.hpp"
#include "tests/unit/cpu_device/test_kernels.hpp"

namespace tenon::test {
namespace {

class PlanThreads : public testing::TestWithParam<uint32_t> {
 protected:
  OpenDevice device{GetParam()};
  GraphMaker maker{device.host.id("f32")};
};

void fill(float* x, size_t n) { std::iota(x, x + n, 1.0f); }

TEST_P(PlanThreads, PhasesWaitForEachOther) {
  constexpr int64_t k_rows = 7, k_width = 13;
  const uint32_t x = maker.tensor(TN_ROLE_INPUT, k_rows, k_width);
  const uint32_t y = maker.tensor(TN_ROLE_OUTPUT, k_rows, k_width);
  maker.node(bound<SquareSum>(), {x}, {y});
  PlanRunner runner(device, maker);
  constexpr size_t n = k_rows * k_width;
  fill(runner.data(), n);
  for (int repeat = 0; repeat < 50; ++repeat) {
    std::fill_n(runner.data(maker.offset(y)), n, -1.0f);
    ASSERT_EQ(runner.run(), TN_OK) << device.host.error();
    const float sum = static_cast<float>(n * (n + 1) * (2 * n + 1) / 6);
    const std::vector<float> got = runner.read(maker.offset(y), n);
    for (size_t i = 0; i < n; ++i) ASSERT_EQ(got[i], sum + static_cast<float>(i)) << i;
  }
}

TEST_P(PlanThreads, AKernelMayHaveEightPhases) {
  constexpr size_t n = 203;
  const uint32_t x = maker.tensor(TN_ROLE_INPUT, 1, n);
  const uint32_t y = maker.tensor(TN_ROLE_OUTPUT, 1, n);
  maker.node(bound<EightPhases>(), {x}, {y});
  PlanRunner runner(device, maker);
  fill(runner.data(), n);
  for (int repeat = 0; repeat < 50; ++repeat) {
    std::fill_n(runner.data(maker.offset(y)), n, -1.0f);
    ASSERT_EQ(runner.run(), TN_OK) << device.host.error();
    const std::vector<float> got = runner.read(maker.offset(y), n);
    for (size_t i = 0; i < n; ++i) ASSERT_EQ(got[i], static_cast<float>((i + 7) % n + 1 + 7)) << i;
  }
}

TEST_P(PlanThreads, ARedundantPhaseGivesEachWorkerItsOwnCopy) {
  constexpr size_t n = 37;
  const uint32_t x = maker.tensor(TN_ROLE_INPUT, 1, n);
  const uint32_t y = maker.tensor(TN_ROLE_OUTPUT, 1, n);
  maker.node(bound<ReverseTriple>(), {x}, {y});
  PlanRunner runner(device, maker);
  fill(runner.data(), n);
  ASSERT_EQ(runner.run(), TN_OK);
  const std::vector<float> got = runner.read(maker.offset(y), n);
  for (size_t i = 0; i < n; ++i) ASSERT_EQ(got[i], 3 * static_cast<float>(n - i)) << i;
}

// Each node reads what the one before wrote: a missing barrier shows as a wrong value.
TEST_P(PlanThreads, NodesRunInOrder) {
  constexpr size_t n = 64, n_nodes = 8;  // 3^8 times 64 is exact in f32
  uint32_t from = maker.tensor(TN_ROLE_INPUT, n, 1);
  for (size_t i = 0; i < n_nodes; ++i) {
    const uint32_t turned = maker.tensor(TN_ROLE_TEMP, n, 1);
    maker.node(bound<ReverseTriple>(), {from}, {turned});
    from = turned;
  }
  PlanRunner runner(device, maker);
  for (int repeat = 0; repeat < 50; ++repeat) {
    std::fill_n(runner.data(), maker.bytes() / sizeof(float), -7.0f);
    fill(runner.data(), n);
    ASSERT_EQ(runner.run(), TN_OK);
    const std::vector<float> got = runner.read(maker.offset(from), n);
    float power = 1;
    for (size_t i = 0; i < n_nodes; ++i) power *= 3;
    for (size_t i = 0; i < n; ++i) ASSERT_EQ(got[i], power * static_cast<float>(i + 1)) << i;
  }
}

TEST_P(PlanThreads, RowsOfTheStepDecideHowMuchIsDone) {
  const uint32_t x = maker.tensor(TN_ROLE_INPUT, 512, 3, TN_SYM_ROWS);
  const uint32_t y = maker.tensor(TN_ROLE_OUTPUT, 512, 3, TN_SYM_ROWS);
  maker.node(bound<Affine>(), {x}, {y});
  PlanRunner runner(device, maker);
  fill(runner.data(), 512 * 3);
  for (size_t rows : {0u, 1u, 2u, 100u, 512u, 5u}) {
    std::fill_n(runner.data(maker.offset(y)), 512 * 3, -1.0f);
    ASSERT_EQ(runner.run({0, static_cast<int64_t>(rows), 0, 0, 0}), TN_OK);
    const std::vector<float> got = runner.read(maker.offset(y), 512 * 3);
    for (size_t i = 0; i < got.size(); ++i) {
      ASSERT_EQ(got[i], i < rows * 3 ? 2 * static_cast<float>(i + 1) + 1 : -1) << rows << " " << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Workers, PlanThreads, testing::Values(1, 2, 3, 8));

class PlanTest : public testing::Test {
 protected:
  OpenDevice device;
  GraphMaker maker{device.host.id("f32")};
};

TEST_F(PlanTest, ViewsOfViewsAddTheirOffsets) {
  const uint32_t x = maker.tensor(TN_ROLE_INPUT, 4, 8);
  const uint32_t right = maker.view(x, 4 * sizeof(float), 4, 4, 8 * sizeof(float));
  const uint32_t corner = maker.view(right, (8 + 2) * sizeof(float), 3, 2, 8 * sizeof(float));
  const uint32_t y = maker.tensor(TN_ROLE_OUTPUT, 3, 2);
  maker.node(bound<Affine>(), {corner}, {y});
  PlanRunner runner(device, maker);
  fill(runner.data(), 32);
  ASSERT_EQ(runner.run(), TN_OK);
  // Rows 1..3, columns 6 and 7 of 1,2,3,…
  EXPECT_EQ(
      runner.read(maker.offset(y), 6),
      (std::vector<float>{2 * 15 + 1, 2 * 16 + 1, 2 * 23 + 1, 2 * 24 + 1, 2 * 31 + 1, 2 * 32 + 1}));
}

TEST_F(PlanTest, OptionalOperandsParamsAndWeightsReachTheKernel) {
  const std::vector<float> file = {10, 20, 30};
  tn_tensor shape = {};
  shape.rank = 1;
  shape.dim[0] = 3;
  tn_weight_desc desc = {};
  desc.struct_size = sizeof desc;
  desc.tensor = &shape;
  desc.data = file.data();
  desc.bytes = 3 * sizeof(float);
  desc.flags = TN_WEIGHT_BORROW_OK;
  tn_weight* weight = nullptr;
  ASSERT_EQ(device.api->weight_put(device.dev, &desc, &weight), TN_OK);
  const uint32_t x = maker.tensor(TN_ROLE_INPUT, 1, 3);
  const uint32_t y = maker.tensor(TN_ROLE_OUTPUT, 1, 3);
  const uint32_t z = maker.tensor(TN_ROLE_OUTPUT, 1, 3);
  const uint32_t w = maker.weight(weight, 1, 3);
  {
    const tn_scale_params gone = {sizeof gone, 0.5f};  // not kept by the plan
    maker.node(bound<AddWeight>(), {x, w, TN_NONE}, {y}, &gone);
    maker.node(bound<AddWeight>(), {x, w, y}, {z});
    PlanRunner runner(device, maker);
    fill(runner.data(), 3);
    ASSERT_EQ(runner.run(), TN_OK);
    EXPECT_EQ(runner.read(maker.offset(y), 3), (std::vector<float>{5.5f, 11, 16.5f}));
    EXPECT_EQ(runner.read(maker.offset(z), 3), (std::vector<float>{16.5f, 33, 49.5f}));
  }
  device.api->weight_free(device.dev, weight);
}

TEST_F(PlanTest, NothingOfTheSubgraphIsKept) {
  auto temporary = std::make_unique<GraphMaker>(device.host.id("f32"));
  const auto params = std::make_unique<tn_scale_params>(tn_scale_params{8, 4.0f});
  const uint32_t x = temporary->tensor(TN_ROLE_INPUT, 1, 2);
  const uint32_t y = temporary->tensor(TN_ROLE_OUTPUT, 1, 2);
  temporary->node(bound<AddWeight>(), {x, x, TN_NONE}, {y}, params.get());
  PlanRunner runner(device, *temporary);
  const uint64_t out = temporary->offset(y);
  params->factor = 0;
  temporary.reset();
  fill(runner.data(), 2);
  ASSERT_EQ(runner.run(), TN_OK);
  EXPECT_EQ(runner.read(out, 2), (std::vector<float>{8, 16}));
}

TEST_F(PlanTest, AnotherBufferAndOffsetMayBeBoundEachTime) {
  const uint32_t x = maker.tensor(TN_ROLE_INPUT, 1, 4);
  const uint32_t y = maker.tensor(TN_ROLE_OUTPUT, 1, 4);
  maker.node(bound<Affine>(), {x}, {y});
  PlanRunner runner(device, maker);
  tn_buffer* wide = device.buffer(4096);
  for (uint64_t offset : {0u, 256u, 64u, 0u}) {
    tn_cmd_execute command = runner.command();
    const tn_binding binding = {wide, offset};
    command.bindings = &binding;
    auto* at = device.map<float>(wide, offset);
    std::fill_n(device.map<float>(wide), 1024, 0.0f);
    fill(at, 4);
    ASSERT_EQ(device.submit(command), TN_OK);
    EXPECT_EQ(at[4], 3);
    EXPECT_EQ(at[7], 9);
    EXPECT_EQ(at[8], 0);
  }
  device.api->buffer_free(device.dev, wide);
}

TEST_F(PlanTest, StatePointsIntoTheCacheOfItsLayer) {
  const auto shape = [&](uint32_t id) {
    return tn_state_desc{sizeof(tn_state_desc), TN_STATE_KV, id, 0, 2, 4, 4,
                         device.host.id("f32"), 0,           0,  0};
  };
  const tn_state_desc states[] = {shape(3), shape(5)};
  const uint64_t pages = 3;
  const tn_kv_desc desc = {sizeof desc, 0, 2, sizeof(tn_state_desc), states, &pages, 1, 64};
  tn_kv* kv = nullptr;
  ASSERT_EQ(device.api->kv_create(device.dev, &desc, &kv), TN_OK);
  const uint32_t x = maker.tensor(TN_ROLE_INPUT, 1, 8);
  const uint32_t state = maker.state(5, 2, 4, 4);
  maker.node(bound<StoreKey>(), {x, state}, {state});
  {
    PlanRunner runner(device, maker);
    fill(runner.data(), 8);
    EXPECT_EQ(runner.run(), TN_ERR_INVALID) << "a plan with state needs a cache";
    ASSERT_EQ(runner.run({0, 1, 0, 0, 64 + 10 + 1}, kv), TN_OK) << device.host.error();
  }
  float k[8] = {}, v[8] = {};
  const tn_kv_rows rows = {sizeof rows, 5, 1, 10, 1, 0, k, v, sizeof k, sizeof v};
  const tn_cmd_kv_rows read = {{sizeof read, TN_CMD_KV_READ}, kv, &rows, 1, sizeof rows};
  ASSERT_EQ(device.submit(read), TN_OK);
  for (int i = 0; i < 8; ++i) EXPECT_EQ(k[i], static_cast<float>(i + 1));
  device.api->kv_free(device.dev, kv);
}

TEST_F(PlanTest, TimeIsMeasuredPerNode) {
  const uint32_t x = maker.tensor(TN_ROLE_INPUT, 64, 64);
  const uint32_t y = maker.tensor(TN_ROLE_OUTPUT, 64, 64);
  maker.node(bound<SquareSum>(), {x}, {y});  // 4096 * 4096 additions
  maker.node(bound<Affine>(), {x}, {y});
  PlanRunner runner(device, maker);
  uint64_t ns[3] = {0, 0, 77};
  tn_cmd_execute command = runner.command();
  command.node_ns = ns;
  ASSERT_EQ(device.submit(command), TN_OK);
  EXPECT_GT(ns[0], ns[1]);
  EXPECT_GT(ns[1], 0u);
  EXPECT_EQ(ns[2], 77u);
}

TEST_F(PlanTest, ACancelledExecutionStopsBetweenNodes) {
  const uint32_t flag = maker.tensor(TN_ROLE_OUTPUT, 1, 1);
  const uint32_t x = maker.tensor(TN_ROLE_INPUT, 8, 1);
  const uint32_t before = maker.tensor(TN_ROLE_OUTPUT, 8, 1);
  const uint32_t after = maker.tensor(TN_ROLE_OUTPUT, 8, 1);
  maker.node(bound<Affine>(), {x}, {before});
  maker.node(bound<RaiseFlag>(), {x}, {flag});
  maker.node(bound<Affine>(), {x}, {after});
  PlanRunner runner(device, maker);
  const auto* cancel = reinterpret_cast<const uint32_t*>(runner.data(maker.offset(flag)));
  tn_status result = TN_OK;
  ASSERT_EQ(device.submit(runner.command(), cancel, &result), TN_OK);
  EXPECT_EQ(result, TN_ERR_CANCELLED);
  EXPECT_EQ(runner.read(maker.offset(before), 1)[0], 1);
  EXPECT_EQ(runner.read(maker.offset(after), 1)[0], 0) << "ran after the flag was raised";
}

TEST_F(PlanTest, APlanThatIsNotMonotoneFailsInsteadOfOverflowing) {
  const uint32_t x = maker.tensor(TN_ROLE_INPUT, 512, 1, TN_SYM_ROWS);
  maker.node(bound<Shrinking>(), {x}, {x});
  PlanRunner runner(device, maker);
  EXPECT_EQ(runner.run(), TN_OK);
  tn_status result = TN_OK;
  EXPECT_EQ(device.submit(runner.command({0, 1, 0, 0, 0}), nullptr, &result), TN_OK);
  EXPECT_EQ(result, TN_ERR_INTERNAL);
}

TEST_F(PlanTest, InfoReportsScratchOfEveryWorker) {
  const uint32_t x = maker.tensor(TN_ROLE_INPUT, 1, 100);
  const uint32_t y = maker.tensor(TN_ROLE_OUTPUT, 1, 100);
  maker.node(bound<ReverseTriple>(), {x}, {y});
  const tn_subgraph graph = maker.graph();
  const tn_compile_opts opts = {sizeof opts, 0, TN_SYM_COUNT, 0, PlanRunner::k_max.data()};
  tn_plan* plan = nullptr;
  ASSERT_EQ(device.api->compile(device.dev, &graph, &opts, &plan), TN_OK);
  tn_plan_info info = {};
  info.struct_size = sizeof info;
  ASSERT_EQ(device.api->plan_info(device.dev, plan, &info), TN_OK);
  EXPECT_GE(info.scratch_bytes, 2 * 400u);
  EXPECT_EQ(info.struct_size, sizeof info);
  device.api->plan_free(device.dev, plan);
}

TEST_F(PlanTest, SizesAreKnownWithoutWeightsAndMemory) {
  const uint32_t w = maker.weight(nullptr, 1, 100);
  const uint32_t x = maker.tensor(TN_ROLE_INPUT, 1, 100);
  const uint32_t y = maker.tensor(TN_ROLE_OUTPUT, 1, 100);
  maker.node(bound<ReverseTriple>(), {x, w}, {y});
  const tn_subgraph graph = maker.graph();
  tn_compile_opts opts = {sizeof opts, 0, TN_SYM_COUNT, 0, PlanRunner::k_max.data()};
  tn_plan* plan = nullptr;
  EXPECT_EQ(device.api->compile(device.dev, &graph, &opts, &plan), TN_ERR_INVALID);
  opts.flags = TN_COMPILE_SIZES;
  ASSERT_EQ(device.api->compile(device.dev, &graph, &opts, &plan), TN_OK) << device.host.error();
  tn_plan_info info = {};
  info.struct_size = sizeof info;
  ASSERT_EQ(device.api->plan_info(device.dev, plan, &info), TN_OK);
  EXPECT_GE(info.scratch_bytes, 2 * 400u);
  const std::vector<tn_binding> bindings(graph.n_bindings);
  tn_cmd_execute execute = {};
  execute.head = {sizeof execute, TN_CMD_EXECUTE};
  execute.plan = plan;
  execute.bindings = bindings.data();
  execute.n_bindings = graph.n_bindings;
  execute.syms = PlanRunner::k_max.data();
  execute.n_syms = TN_SYM_COUNT;
  EXPECT_NE(device.submit(execute), TN_OK);
  EXPECT_NE(device.host.error().find("for its sizes"), std::string::npos) << device.host.error();
  device.api->plan_free(device.dev, plan);
}

}  // namespace
}  // namespace tenon::test
