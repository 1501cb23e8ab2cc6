// compile, supports and execute refuse what is not valid, and name it.
#include "tests/unit/cpu_device/plan_runner.hpp"
#include "tests/unit/cpu_device/test_kernels.hpp"

namespace tenon::test {
namespace {

class CompileErrors : public testing::Test {
 protected:
  tn_status compile() {
    const tn_subgraph graph = maker.graph();
    return compile(graph);
  }
  tn_status compile(const tn_subgraph& graph) {
    const tn_compile_opts opts = {sizeof opts, 0, TN_SYM_COUNT, 0, PlanRunner::k_max.data()};
    tn_plan* plan = nullptr;
    const tn_status status = device.api->compile(device.dev, &graph, &opts, &plan);
    EXPECT_EQ(plan != nullptr, status == TN_OK);
    if (plan != nullptr) device.api->plan_free(device.dev, plan);
    return status;
  }
  bool said(const char* text) { return device.host.error().find(text) != std::string::npos; }
  tn_node& affine() { return maker.node(bound<Affine>(), {x}, {y}); }

  OpenDevice device;
  GraphMaker maker{device.host.id("f32")};
  uint32_t x = maker.tensor(TN_ROLE_INPUT, 2, 2);
  uint32_t y = maker.tensor(TN_ROLE_OUTPUT, 2, 2);
};

TEST_F(CompileErrors, TheUnchangedGraphCompiles) {
  affine();
  EXPECT_EQ(compile(), TN_OK) << device.host.error();
}

TEST_F(CompileErrors, ANodeWithoutKernelIsNamed) {
  affine();
  affine().bound = nullptr;
  EXPECT_EQ(compile(), TN_ERR_UNSUPPORTED);
  EXPECT_TRUE(said("node.1")) << device.host.error();
}

TEST_F(CompileErrors, AKernelOfAnotherSlotIsRefused) {
  tn_kernel_desc foreign = *bound<Affine>();
  foreign.slot = "tenon.vulkan/1";
  affine().bound = &foreign;
  EXPECT_EQ(compile(), TN_ERR_UNSUPPORTED);
  foreign.slot = TN_SLOT_CPU;
  foreign.impl = nullptr;
  EXPECT_EQ(compile(), TN_ERR_UNSUPPORTED);
  foreign = *bound<Affine>();
  foreign.struct_size = 8;
  EXPECT_EQ(compile(), TN_ERR_UNSUPPORTED);
}

TEST_F(CompileErrors, TensorsThatDoNotExist) {
  maker.node(bound<Affine>(), {99}, {y});
  EXPECT_EQ(compile(), TN_ERR_INVALID);
  EXPECT_TRUE(said("99"));
}

TEST_F(CompileErrors, BrokenTensors) {
  affine();
  const auto refused = [&](auto change) {
    const tn_tensor kept = maker[x];
    change(maker[x]);
    const tn_status status = compile();
    maker[x] = kept;
    return status;
  };
  EXPECT_EQ(refused([](tn_tensor& t) { t.rank = 7; }), TN_ERR_INVALID);
  EXPECT_EQ(refused([](tn_tensor& t) { t.sym[0] = TN_SYM_COUNT; }), TN_ERR_INVALID);
  EXPECT_EQ(refused([](tn_tensor& t) { t.sym[0] = TN_SYM_ROWS; }), TN_ERR_INVALID)
      << "512 rows do not fit into two";
  EXPECT_EQ(refused([](tn_tensor& t) { t.role = 0; }), TN_ERR_UNSUPPORTED);
  EXPECT_EQ(refused([](tn_tensor& t) { t.role = 99; }), TN_ERR_UNSUPPORTED);
  EXPECT_EQ(refused([](tn_tensor& t) { t.sym[1] = TN_SYM_ROWS; }), TN_ERR_UNSUPPORTED);
  EXPECT_EQ(refused([](tn_tensor& t) { t.binding = 1; }), TN_ERR_INVALID);
  EXPECT_EQ(refused([](tn_tensor& t) { t.offset = UINT64_MAX; }), TN_ERR_INVALID);
  EXPECT_EQ(refused([](tn_tensor& t) { t.dim[0] = -1; }), TN_ERR_INVALID);
  EXPECT_EQ(refused([](tn_tensor& t) { t.dim[0] = t.stride[0] = INT64_MAX; }), TN_ERR_INVALID);
  EXPECT_EQ(refused([](tn_tensor& t) { t.role = TN_ROLE_WEIGHT; }), TN_ERR_INVALID);
  EXPECT_EQ(refused([](tn_tensor& t) { t.role = TN_ROLE_STATE; }), TN_ERR_INVALID);
  EXPECT_EQ(compile(), TN_OK) << "each change was undone";
}

TEST_F(CompileErrors, ViewsThatGoNowhere) {
  const uint32_t view = maker.view(x, 0, 2, 2, 8);
  maker.node(bound<Affine>(), {view}, {y});
  EXPECT_EQ(compile(), TN_OK);
  maker[view].view_of = view;
  EXPECT_EQ(compile(), TN_ERR_INVALID) << "a circle";
  maker[view].view_of = 77;
  EXPECT_EQ(compile(), TN_ERR_INVALID);
  maker[view].view_of = x;
  maker[view].view_offset = UINT64_MAX;
  maker[x].offset = 16;
  EXPECT_EQ(compile(), TN_ERR_INVALID);
}

TEST_F(CompileErrors, ViewsOfPackedWeights) {
  const float data[4] = {};
  tn_tensor shape = {};
  tn_weight_desc desc = {};
  desc.struct_size = sizeof desc;
  desc.tensor = &shape;
  desc.data = data;
  desc.bytes = sizeof data;
  tn_weight* weight = nullptr;
  ASSERT_EQ(device.api->weight_put(device.dev, &desc, &weight), TN_OK) << device.host.error();
  const uint32_t w = maker.weight(weight, 2, 2, device.host.id("test.packed/1"));
  const uint32_t rows = maker.view(w, 8, 1, 2, 8);
  maker.node(bound<Affine>(), {rows}, {y});
  EXPECT_EQ(compile(), TN_ERR_UNSUPPORTED);
  maker[w].layout = device.host.id(TN_LAYOUT_PLAIN);
  EXPECT_EQ(compile(), TN_OK) << device.host.error();
  device.api->weight_free(device.dev, weight);
}

TEST_F(CompileErrors, ParamsOfNoSize) {
  tn_scale_params params = {0, 1};
  affine().params = &params;
  EXPECT_EQ(compile(), TN_ERR_INVALID);
  params.struct_size = 1u << 30;
  EXPECT_EQ(compile(), TN_ERR_INVALID);
}

TEST_F(CompileErrors, ShortOrMissingArguments) {
  affine();
  const tn_subgraph good = maker.graph();
  const tn_compile_opts opts = {sizeof opts, 0, TN_SYM_COUNT, 0, PlanRunner::k_max.data()};
  tn_plan* plan = nullptr;
  const auto* api = device.api;
  EXPECT_EQ(api->compile(device.dev, nullptr, &opts, &plan), TN_ERR_INVALID);
  EXPECT_EQ(api->compile(device.dev, &good, nullptr, &plan), TN_ERR_INVALID);
  EXPECT_EQ(api->compile(device.dev, &good, &opts, nullptr), TN_ERR_INVALID);
  const tn_compile_opts few = {sizeof few, 0, 1, 0, nullptr};
  EXPECT_EQ(api->compile(device.dev, &good, &few, &plan), TN_ERR_INVALID);
  const auto refused = [&](auto change) {
    tn_subgraph graph = good;
    change(graph);
    return compile(graph);
  };
  EXPECT_EQ(refused([](tn_subgraph& g) { g.struct_size = 4; }), TN_ERR_INVALID);
  EXPECT_EQ(refused([](tn_subgraph& g) { g.node_stride = 8; }), TN_ERR_INVALID);
  EXPECT_EQ(refused([](tn_subgraph& g) { g.tensors = nullptr; }), TN_ERR_INVALID);
  EXPECT_EQ(refused([](tn_subgraph& g) { g.n_bindings = 0; }), TN_ERR_INVALID);
}

TEST_F(CompileErrors, ExecutionChecksItsArguments) {
  affine();
  PlanRunner runner(device, maker);
  ASSERT_EQ(runner.run(), TN_OK);
  const auto refused = [&](auto change) {
    tn_cmd_execute command = runner.command();
    change(command);
    return device.submit(command);
  };
  EXPECT_EQ(refused([](tn_cmd_execute& c) { c.plan = nullptr; }), TN_ERR_INVALID);
  EXPECT_EQ(refused([](tn_cmd_execute& c) { c.bindings = nullptr; }), TN_ERR_INVALID);
  EXPECT_EQ(refused([](tn_cmd_execute& c) { c.n_bindings = 0; }), TN_ERR_INVALID);
  EXPECT_EQ(refused([](tn_cmd_execute& c) { c.n_syms = 1; }), TN_ERR_INVALID);
  EXPECT_EQ(refused([](tn_cmd_execute& c) { c.head.struct_size = 16; }), TN_ERR_INVALID);
  tn_binding beyond = *runner.command().bindings;
  beyond.offset = 8;
  EXPECT_EQ(refused([&](tn_cmd_execute& c) { c.bindings = &beyond; }), TN_ERR_INVALID);
  beyond.offset = UINT64_MAX - 3;
  EXPECT_EQ(refused([&](tn_cmd_execute& c) { c.bindings = &beyond; }), TN_ERR_INVALID);
  EXPECT_EQ(runner.run({0, 513, 0, 0, 0}), TN_ERR_INVALID);
  EXPECT_EQ(runner.run({0, -1, 0, 0, 0}), TN_ERR_INVALID);
  EXPECT_EQ(runner.run(), TN_OK) << "refusals leave no trace";
}

TEST_F(CompileErrors, SupportsAsksTheKernel) {
  const auto verdict = [&](const tn_kernel_desc* desc) {
    tn_node node = affine();
    node.bound = desc;
    tn_node_query query = {};
    query.struct_size = sizeof query;
    query.host = device.host.table();
    query.node = &node;
    tn_support answer = {};
    answer.struct_size = sizeof answer;
    answer.verdict = 99;
    EXPECT_EQ(device.api->supports(device.dev, &query, &answer), TN_OK);
    return answer.verdict;
  };
  EXPECT_EQ(verdict(bound<Affine>()), unsigned{TN_SUPPORT_YES});
  EXPECT_EQ(verdict(bound<Declines>()), unsigned{TN_SUPPORT_NO});
  EXPECT_TRUE(said("odd widths only"));
  EXPECT_EQ(verdict(nullptr), unsigned{TN_SUPPORT_NO});
  EXPECT_TRUE(said("no kernel is bound"));
}

}  // namespace
}  // namespace tenon::test
