// Subgraphs as devices see them, and steps as devices are told to run them.
#include "framework/execution/shape_bucket.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <random>

#include "framework/execution/subgraph.hpp"
#include "framework/graph/tail.hpp"
#include "tests/unit/graph/fake_device.hpp"
#include "tests/unit/graph/maker.hpp"

namespace tenon {
namespace {

using namespace graph_test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const Extents k_bounds = make_extents(4, 2, 1, 64);

// Two devices, of which the second may lack host memory; nodes are placed by hand.
class Variants : public testing::Test {
 protected:
  void SetUp() override { start(true, true); }
  void TearDown() override {
    context.reset();
    for (const FakeDevice& d : devices) EXPECT_EQ(d.live, 0) << "a handle was not freed";
  }
  void start(bool first, bool second) {
    context.reset();
    devices.clear();
    devices.emplace_back(host, "one", "fake/1", first);
    devices.emplace_back(host, "two", "", second);
  }
  void load(Graph graph, std::vector<std::uint32_t> placement) {
    context = std::make_unique<GraphContext>();
    GraphContext& c = *context;
    c.host = &host;
    c.graph = std::move(graph);
    for (const std::uint32_t d : placement) c.placement.nodes.push_back({d, nullptr, ""});
    for (FakeDevice& d : devices) c.targets.push_back(d.target());
    c.partitions = make_partitions(c.graph, c.placement);
    for (std::uint32_t d = 0; d < devices.size(); ++d) {
      for (ValueId v = 0; v < c.graph.values.size(); ++v)
        if (c.graph.values[v].kind == ValueKind::weight)
          c.weights.emplace(WeightPlace{d, v},
                            OwnedWeight(c.targets[d].device, weight_handle(d, v)));
      c.kv.emplace_back();
      c.queues.push_back(std::move(*DeviceQueue::open(c.targets[d].device)));
    }
  }
  static tn_weight* weight_handle(std::uint32_t device, ValueId v) {
    return reinterpret_cast<tn_weight*>(std::uintptr_t{1000} * (device + 1) + v);
  }
  // Plans, allocates, compiles.
  ShapeBucket compile() {
    ShapeBucket v(*context, k_bounds);
    for (std::size_t d = 0; d < devices.size(); ++d) {
      auto& arena = context->arenas.emplace_back();
      for (const std::uint64_t bytes : v.memory().devices[d].blocks)
        arena.push_back(std::move(*allocate(context->targets[d].device, bytes, 0)));
    }
    context->staging.resize(v.memory().staging.bytes());
    const Status done = v.compile(*context);
    EXPECT_TRUE(done) << done.error().message();
    return v;
  }
  // Tokens 1 … rows.
  Status run(ShapeBucket& v, std::int64_t rows, const std::uint32_t* cancel = nullptr) {
    tokens.resize(static_cast<std::size_t>(rows));
    std::iota(tokens.begin(), tokens.end(), 1);
    const StepInputs inputs = {{"tokens", tokens}, {"out_ids", std::span(tokens).first(0)}};
    return v.run(*context, make_extents(rows, 0, 1, rows), inputs, cancel);
  }

  HostTable host;
  std::deque<FakeDevice> devices;
  std::unique_ptr<GraphContext> context;
  std::vector<std::int32_t> tokens;
};

std::uint32_t count_role(const FakePlan& plan, std::uint32_t role) {
  return static_cast<std::uint32_t>(std::count_if(plan.tensors.begin(), plan.tensors.end(),
                                                  [&](const auto& t) { return t.role == role; }));
}

TEST_F(Variants, ASubgraphNamesItsTensorsAndWeights) {
  Maker m;
  const ValueId x = m.rows(8), w = m.weight("w", {8, 8}, "f16");
  const ValueId y = m.matmul(w, x), part = m.slice(y, {-1, 4}, {8, 1}, 4);
  m.b.scope("blk.2", 2);
  load(m.finish(m.op(TN_OP_SCALE, {part}, 0, &k_scale)), {0, 0, 0});
  compile();
  ASSERT_EQ(devices[0].compiled.size(), 1u);
  const FakePlan& plan = devices[0].compiled[0];
  ASSERT_EQ(plan.nodes.size(), 3u);
  const auto tensor = [&](std::size_t n, std::size_t i) {
    return plan.tensors[plan.nodes[n].in[i]];
  };
  EXPECT_EQ(tensor(0, 1).role, TN_ROLE_INPUT);
  EXPECT_EQ(tensor(0, 1).dim[0], 4) << "the bound";
  EXPECT_EQ(tensor(0, 1).sym[0], TN_SYM_ROWS);
  EXPECT_EQ(tensor(1, 0).role, TN_ROLE_WEIGHT);
  EXPECT_EQ(plan.weights.at(tensor(1, 0).weight), weight_handle(0, w));
  EXPECT_EQ(tensor(1, 0).dtype, host.intern(TN_KIND_DTYPE, "f16"));
  EXPECT_EQ(tensor(1, 1).role, TN_ROLE_TEMP);
  EXPECT_EQ(tensor(1, 1).binding, 0u);
  EXPECT_EQ(tensor(1, 1).consumers, 1u);
  const tn_tensor view = tensor(2, 0);
  EXPECT_EQ(view.role, TN_ROLE_VIEW);
  EXPECT_EQ(view.view_of, plan.nodes[1].out[0]);
  EXPECT_EQ(view.view_offset, 16u);
  EXPECT_EQ(view.stride[0], 32);
  EXPECT_EQ(plan.tensors[plan.nodes[2].out[0]].role, TN_ROLE_OUTPUT);
  EXPECT_THAT(plan.live_out, ElementsAre(plan.nodes[2].out[0]));
  EXPECT_EQ(plan.nodes[2].name, "blk.2.scale");
  EXPECT_EQ(plan.max_syms[TN_SYM_ROWS], 4);
}

TEST_F(Variants, LayoutsAndBoundKernelsReachTheDevice) {
  FakeKernels kernels;
  const tn_kernel_desc* kernel = kernels.add({.id = "k", .op = TN_OP_MATMUL, .in = {"*", "*"}});
  kernels.add_layout("x4/1", "q4_0");
  Maker m;
  const ValueId w = m.weight("w", {8, 32}, "q4_0");
  load(m.finish(m.matmul(w, m.rows(32))), {0, 0});
  context->placement.nodes[1].kernel = kernel;
  context->placement.weights[{0, w}] = {"x4/1", kernels.sources().layouts[0].desc};
  compile();
  const FakePlan& plan = devices[0].compiled[0];
  EXPECT_EQ(plan.nodes[1].bound, kernel);
  EXPECT_EQ(plan.nodes[0].bound, nullptr);
  EXPECT_EQ(plan.tensors[plan.nodes[1].in[0]].layout, host.intern(TN_KIND_LAYOUT, "x4/1"));
  EXPECT_EQ(plan.tensors[plan.nodes[0].in[0]].layout, host.intern(TN_KIND_LAYOUT, "plain"));
}

TEST_F(Variants, StatesNameTheirLayer) {
  Maker m;
  m.cache(3, {2, 4, 4});
  const ValueId heads = m.view(m.rows(8), {-1, 2, 4});
  load(m.finish(m.attend(3, heads, heads, heads)), {0, 0, 0});
  compile();
  const FakePlan& plan = devices[0].compiled[0];
  const tn_tensor &before = plan.tensors[plan.nodes[1].in[3]],
                  &after = plan.tensors[plan.nodes[2].in[1]];
  EXPECT_EQ(before.role, TN_ROLE_STATE);
  EXPECT_EQ(after.role, TN_ROLE_STATE);
  EXPECT_EQ(before.state, 3u);
  EXPECT_EQ(after.state, 3u);
  EXPECT_EQ(after.dim[0], 2);
}

// A value that an earlier partition left on the same device is no TEMP: it must not be touched.
TEST_F(Variants, ValuesOfEarlierSegmentsAreInputs) {
  Maker m;
  const ValueId x = m.rows(8), y = m.op(TN_OP_SCALE, {x}, 0, &k_scale);
  load(m.finish(m.op(TN_OP_ADD, {y, x})), {0, 1, 0});
  compile();
  const FakePlan& last = devices[0].compiled[1];
  EXPECT_EQ(count_role(last, TN_ROLE_INPUT), 2u);
  EXPECT_EQ(count_role(last, TN_ROLE_TEMP), 0u);
  EXPECT_EQ(count_role(last, TN_ROLE_OUTPUT), 1u);
}

TEST_F(Variants, AStepWritesExecutesAndReadsInThisOrder) {
  start(true, false);
  Maker m;
  const ValueId x = m.rows(8), y = m.op(TN_OP_SCALE, {x}, 0, &k_scale);
  load(m.finish(m.op(TN_OP_ADD, {y, y})), {0, 1, 1});
  ShapeBucket v = compile();
  const std::uint32_t cancel = 0;
  ASSERT_TRUE(run(v, 3, &cancel));
  EXPECT_THAT(devices[0].log, ElementsAre("write 12", "execute 1"));
  EXPECT_THAT(devices[1].log, ElementsAre("write 96", "execute 2", "read 96"));
  EXPECT_THAT(devices[1].cancels, ElementsAre(&cancel));
  const float* out = v.output(*context, "logits");
  for (std::size_t i = 0; i < 24; ++i) EXPECT_EQ(out[i], 4.0f * static_cast<float>(1 + i / 8)) << i;
  EXPECT_EQ(v.output(*context, "absent"), nullptr);
  EXPECT_THAT(v.scratch(), ElementsAre(10u, 10u));
}

// What a plan takes is known before weights are loaded, where the device can say it.
TEST_F(Variants, SizesAreAskedWithoutWeights) {
  Maker m;
  const ValueId product = m.matmul(m.weight("w", {8, 8}), m.rows(8));
  load(m.finish(m.op(TN_OP_SCALE, {product}, 0, &k_scale)), {0, 1, 1});
  context->weights.clear();
  devices[0].knows_sizes = true;
  ShapeBucket v(*context, k_bounds);
  ASSERT_TRUE(v.ask_sizes(*context));
  EXPECT_THAT(v.scratch(), ElementsAre(10u, 0u));
  EXPECT_THAT(devices[0].weights_asked_with, ElementsAre(nullptr));
  EXPECT_TRUE(devices[0].compiled.empty());
  devices[0].next_compile = TN_ERR_OOM;
  EXPECT_FALSE(v.ask_sizes(*context)) << "only what a device does not know is passed over";
  devices[0].next_compile = TN_OK;
}

// The copy of an output on a device that only reads it is not where the host may look.
TEST_F(Variants, AnOutputIsTakenFromItsMaker) {
  Maker m;
  const ValueId x = m.rows(8), made = m.op(TN_OP_SCALE, {x}, 0, &k_scale);
  ValueId y = m.op(TN_OP_ADD, {made, made});
  for (int i = 0; i < 3; ++i) y = m.op(TN_OP_SCALE, {y}, 0, &k_scale);
  m.b.output("embedding", y);
  load(m.finish(made), {1, 1, 0, 0, 0, 0});
  ShapeBucket v = compile();
  ASSERT_TRUE(run(v, 4));
  EXPECT_EQ(v.output(*context, "logits")[31], 2.0f * 4);
  EXPECT_EQ(v.output(*context, "embedding")[31], 2.0f * 4 * 2 * 8);
}

// What is not asked for is neither computed nor read; what is goes along with the logits' own part.
TEST_F(Variants, ATailRunsForWhomItIsReadAlone) {
  start(true, false);
  Maker m;
  const ValueId x = m.op(TN_OP_ROW_GATHER, {m.rows(8), m.b.input("out_ids")});
  Graph graph = m.finish(m.op(TN_OP_SCALE, {x}, 0, &k_scale));
  add_tail(graph);
  load(std::move(graph), {0, 1, 1, 1, 1});
  ASSERT_EQ(context->partitions.size(), 4u);
  ShapeBucket v = compile();
  const std::vector<std::int32_t> ids = {1, 0}, listed(2 * 256, -1);
  const StepInputs inputs = {{"tokens", ids}, {"out_ids", ids}, {"listed", listed}};
  const auto log = [&](Results results) {
    devices[1].log.clear();
    const Status done = v.run(*context, make_extents(2, 2, 1, 2), inputs, nullptr, results);
    EXPECT_TRUE(done) << done.error().message();
    return devices[1].log;
  };
  EXPECT_THAT(log(Results::logits), ElementsAre("write 8", "write 64", "execute 2", "read 64"));
  EXPECT_EQ(v.bytes_read(), 64u);
  EXPECT_THAT(log(Results::tokens),
              ElementsAre("write 8", "write 64", "execute 2", "execute 1", "read 8"));
  EXPECT_EQ(v.bytes_read(), 8u);
  EXPECT_THAT(log(Results::candidates),
              ElementsAre("write 8", "write 64", "write 2048", "execute 2", "execute 1",
                          "read 2112", "read 2112"));
  EXPECT_EQ(v.bytes_read(), 2u * 2112);
  EXPECT_NE(v.output<std::int32_t>(*context, "token"), nullptr);
}

TEST_F(Variants, RowsOfNothingMoveNothing) {
  Maker m;
  const ValueId x = m.rows(8), picked = m.op(TN_OP_ROW_GATHER, {x, m.b.input("out_ids")});
  load(m.finish(m.op(TN_OP_SCALE, {picked}, 0, &k_scale)), {0, 0, 1});
  ShapeBucket v = compile();
  ASSERT_TRUE(run(v, 2));
  EXPECT_THAT(devices[0].log, ElementsAre("write 8", "execute 2"));
  EXPECT_THAT(devices[1].log, ElementsAre("execute 1"));
}

TEST_F(Variants, InputsMustBeThereAndOfTheRightSize) {
  Maker m;
  load(m.finish(m.rows(8)), {0});
  ShapeBucket v = compile();
  const std::vector<std::int32_t> five(5, 1);
  const Status missing = v.run(*context, make_extents(2, 0, 1, 2), {}, nullptr);
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message(), HasSubstr("lacks the input tokens"));
  const Status long_input = v.run(*context, make_extents(2, 0, 1, 2), {{"tokens", five}}, nullptr);
  ASSERT_FALSE(long_input);
  EXPECT_THAT(long_input.error().message(), HasSubstr("too much or too little"));
  EXPECT_THAT(devices[0].log, IsEmpty());
}

TEST_F(Variants, FailuresStopTheStepAndAreNamed) {
  Maker m;
  const ValueId x = m.rows(8);
  load(m.finish(m.op(TN_OP_SCALE, {x}, 0, &k_scale)), {0, 1});
  ShapeBucket v = compile();
  devices[0].next_result = TN_ERR_CANCELLED;
  const Status cancelled = run(v, 2);
  ASSERT_FALSE(cancelled);
  EXPECT_EQ(cancelled.error().code(), ErrorCode::cancelled);
  EXPECT_THAT(devices[1].log, IsEmpty());

  devices[0].next_result = TN_OK;
  EXPECT_TRUE(run(v, 2)) << "a cancelled step poisons nothing";

  devices[1].next_submit = TN_ERR_OOM;
  const Status refused = run(v, 2);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::limit);
  EXPECT_THAT(refused.error().message(), HasSubstr("two: submit failed"));

  devices[1].next_submit = TN_OK;
  devices[1].poisoned = true;
  const Status lost = run(v, 2);
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code(), ErrorCode::failed);
  EXPECT_TRUE(context->lost());
  EXPECT_THAT(lost.error().message(), HasSubstr("two: the work failed"));
}

TEST_F(Variants, CompileErrorsAreNamedAndLeaveNothing) {
  Maker m;
  const ValueId x = m.rows(8);
  load(m.finish(m.op(TN_OP_SCALE, {x}, 0, &k_scale)), {0, 1});
  devices[1].next_compile = TN_ERR_UNSUPPORTED;
  ShapeBucket v(*context, k_bounds);
  const Status failed = v.compile(*context);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code(), ErrorCode::unavailable);
  EXPECT_THAT(failed.error().message(), HasSubstr("two: compile failed"));
}

// Whoever copies from another device waits for it, and nobody else does before the end.
TEST_F(Variants, PartitionsAreSubmittedInAChain) {
  start(true, false);
  devices[0].late = devices[1].late = true;
  Maker m;
  const ValueId x = m.rows(8), y = m.op(TN_OP_SCALE, {x}, 0, &k_scale);
  const ValueId other = m.op(TN_OP_SCALE, {m.rows(8, "u")}, 0, &k_scale);
  m.b.output("embedding", y);
  load(m.finish(other), {0, 0, 1, 0});  // embed, scale | embed | scale
  ASSERT_EQ(ops_of(context->graph.nodes), "embed_rows scale embed_rows scale");
  ShapeBucket v = compile();
  ASSERT_TRUE(run(v, 3));
  EXPECT_EQ(devices[1].waits, 1) << "the last partition copies from it";
  EXPECT_EQ(devices[0].waits, 1) << "two partitions, and one wait at the end";
  EXPECT_EQ(v.output(*context, "logits")[16], 2.0f * 3);
}

// First nothing may be in flight, then nothing may use what is freed (device.h).
TEST_F(Variants, WhatWorkUsesIsFreedAfterTheQueue) {
  Maker m;
  load(m.finish(m.matmul(m.weight("w", {8, 8}), m.rows(8))), {0, 0});
  {
    ShapeBucket v = compile();
    ASSERT_TRUE(run(v, 2));
  }
  devices[0].freed.clear();
  context.reset();
  EXPECT_THAT(devices[0].freed, ElementsAre("queue", "plan", "weight", "weight", "buffer"));
}

// After a failure nothing is in flight: what was submitted uses the memory of the step.
TEST_F(Variants, AFailedStepLeavesNothingInFlight) {
  start(true, false);
  devices[1].late = true;
  Maker m;
  const ValueId x = m.rows(8), other = m.rows(8, "u");
  m.b.output("embedding", other);
  load(m.finish(m.op(TN_OP_SCALE, {x}, 0, &k_scale)), {0, 1, 0});
  ASSERT_EQ(ops_of(context->graph.nodes), "embed_rows embed_rows scale");
  ShapeBucket v = compile();
  devices[0].next_result = TN_ERR_CANCELLED;
  ASSERT_FALSE(run(v, 2));
  EXPECT_THAT(devices[1].log, ElementsAre("write 8", "execute 1", "read 64"));
}

// Any placement over devices with and without host memory, early or late, computes the same.
TEST_F(Variants, PlacementDoesNotChangeResults) {
  for (std::uint32_t seed = 0; seed < 120; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    std::vector<std::vector<float>> results;
    for (int machine = 0; machine < 12; ++machine) {
      start(machine % 4 != 2, machine % 4 < 2);
      devices[0].late = machine >= 8;  // work is done as late as may be
      devices[1].late = machine >= 4;
      devices[1].alignment = machine >= 4 ? 256 : 64;
      devices[1].max_alloc = machine >= 4 ? 384 : 1 << 20;
      std::mt19937 shape(seed);
      Maker m;
      std::vector<ValueId> values = {m.rows(8)};
      const auto any = [&] {
        return values[values.size() - 1 - shape() % std::min<std::size_t>(values.size(), 5)];
      };
      const tn_scale_params half{sizeof(half), 0.5f};
      for (int i = 0; i < 16; ++i) {
        const ValueId a = any();
        values.push_back(shape() % 2 == 0 ? m.op(TN_OP_ADD, {a, any()})
                                          : m.op(TN_OP_SCALE, {m.view(a, {-1, 2, 4})}, 0, &half));
        values.back() = m.view(values.back(), {-1, 8});
      }
      m.b.output("embedding", values[1 + shape() % 16]);
      Graph graph = m.finish(values.back());
      std::vector<std::uint32_t> placement;
      for (std::size_t n = 0; n < graph.nodes.size(); ++n)
        placement.push_back(machine == 0 ? 0u : static_cast<std::uint32_t>(random() % 2));
      load(std::move(graph), placement);
      ShapeBucket v = compile();
      std::vector<float> result;
      for (const std::int64_t rows : {4, 1, 3}) {
        const Status done = run(v, rows);
        ASSERT_TRUE(done) << done.error().message();
        for (const char* role : {"logits", "embedding"})
          for (std::int64_t i = 0; i < rows * 8; ++i) result.push_back(v.output(*context, role)[i]);
      }
      for (const float x : result) ASSERT_FALSE(std::isnan(x));
      results.push_back(std::move(result));
    }
    for (const auto& result : results) ASSERT_EQ(result, results[0]);
  }
}

}  // namespace
}  // namespace tenon
