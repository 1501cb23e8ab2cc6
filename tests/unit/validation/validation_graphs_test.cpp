// Validation layer: weights, subgraphs, plans, caches, and the struct_size of everything passed.
#include "tests/unit/validation/fake_device.hpp"

namespace tenon {
namespace {

// A subgraph of one node that reads one weight, and what it takes to run it.
class GraphsTest : public ValidationTest {
 protected:
  GraphsTest() {
    tensor_.struct_size = sizeof(tensor_);
    tensor_.role = TN_ROLE_WEIGHT;
    put_.struct_size = sizeof(put_);
    put_.tensor = &tensor_;
    put_.data = syms_;
    put_.bytes = sizeof(syms_);
    EXPECT_EQ(api().weight_put(dev(), &put_, &weight_), TN_OK);
    commit();
    node_.struct_size = sizeof(node_);
    node_.n_in = node_.n_out = 1;
    node_.in = node_.out = &operand_;
    node_.name = "blk.0.x";
    graph_.struct_size = sizeof(graph_);
    graph_.n_nodes = graph_.n_tensors = graph_.n_weights = graph_.n_bindings = 1;
    graph_.node_stride = sizeof(node_);
    graph_.tensor_stride = sizeof(tensor_);
    graph_.nodes = &node_;
    graph_.tensors = &tensor_;
    graph_.weights = &weight_;
  }
  void commit() {
    tn_weight_report report{};
    report.struct_size = sizeof(report);
    EXPECT_EQ(api().weights_commit(dev(), &report), TN_OK);
  }
  tn_status compile() {
    const tn_compile_opts opts{sizeof(opts), 0, TN_SYM_COUNT, 0, bounds_};
    return api().compile(dev(), &graph_, &opts, &plan_);
  }
  tn_status execute(tn_kv* kv = nullptr, std::uint32_t n_bindings = 1) {
    const tn_cmd_execute c{{sizeof(c), TN_CMD_EXECUTE},
                           plan_,
                           kv,
                           &binding_,
                           syms_,
                           n_bindings,
                           TN_SYM_COUNT,
                           nullptr};
    const tn_cmd* cmds[] = {&c.head};
    const tn_submit s{sizeof(s), 0, nullptr, nullptr, cmds, 0, 0, 1, 0, nullptr, nullptr};
    return api().submit(dev(), queue_, &s);
  }

  std::int64_t bounds_[TN_SYM_COUNT] = {0, 8, 8, 1, 64};
  std::int64_t syms_[TN_SYM_COUNT] = {0, 8, 1, 1, 8};
  std::uint32_t operand_ = 0;
  tn_queue* queue_ = queue();
  tn_binding binding_{buffer(), 0};
  tn_tensor tensor_{};
  tn_weight_desc put_{};
  tn_weight* weight_ = nullptr;
  tn_node node_{};
  tn_subgraph graph_{};
  tn_plan* plan_ = nullptr;
};

TEST_F(GraphsTest, CleanUseIsSilent) {
  ASSERT_EQ(compile(), TN_OK);
  EXPECT_EQ(execute(), TN_OK);
  api().plan_free(dev(), plan_);
  api().weight_free(dev(), weight_);
  expect_no_report();
}

TEST_F(GraphsTest, StructSizes) {
  tensor_.struct_size = 16;
  tn_weight* w = nullptr;
  expect_refused([&] { return api().weight_put(dev(), &put_, &w); }, "tn_tensor has struct_size");
  expect_refused([&] { return compile(); }, "tn_tensor has struct_size 16");
  tensor_.struct_size = sizeof(tensor_);
  node_.struct_size = 0;
  expect_refused([&] { return compile(); }, "tn_node has struct_size 0");
  node_.struct_size = sizeof(node_);
  graph_.struct_size = 4;
  expect_refused([&] { return compile(); }, "tn_subgraph has struct_size 4");
  tn_weight_report report{};
  expect_refused([&] { return api().weights_commit(dev(), &report); }, "tn_weight_report");
  tn_heap heap{};
  std::uint32_t n = 0;
  expect_refused([&] { return api().get_heaps(dev(), &heap, sizeof(heap), 1, &n); }, "tn_heap");
  const tn_kv_desc kv{};
  std::uint64_t bytes = 0;
  expect_refused([&] { return api().kv_size(dev(), &kv, &bytes); }, "tn_kv_desc");
}

TEST_F(GraphsTest, UnsoundSubgraphs) {
  operand_ = 3;
  const int calls = fake_.calls;
  EXPECT_EQ(compile(), TN_ERR_INVALID);
  EXPECT_EQ(fake_.calls, calls);
  expect_host_wrong("node blk.0.x has an operand that is no tensor");
  operand_ = 0;
  tensor_.weight = 1;
  expect_refused([&] { return compile(); }, "tensor 0 is a weight that the subgraph lacks");
}

TEST_F(GraphsTest, WeightsOutliveThePlansThatReadThem) {
  ASSERT_EQ(compile(), TN_OK);
  const int calls = fake_.calls;
  api().weight_free(dev(), weight_);
  EXPECT_EQ(fake_.calls, calls);
  expect_host_wrong("weight_free of weight 3: 1 plans still read it");
  api().plan_free(dev(), plan_);
  api().weight_free(dev(), weight_);
  expect_no_report();
  expect_refused([&] { return compile(); }, "weight 3 was freed before");
}

TEST_F(GraphsTest, WeightsAreCommittedBeforeTheyAreRead) {
  ASSERT_EQ(api().weight_put(dev(), &put_, &weight_), TN_OK);
  ASSERT_EQ(compile(), TN_OK) << "a plan may come before the commit";
  expect_refused([&] { return execute(); },
                 "command 0: weight 4 of plan 5 was put, but not committed");
  commit();
  EXPECT_EQ(execute(), TN_OK);
  expect_no_report();
}

TEST_F(GraphsTest, PlansRunWithinWhatTheyWereCompiledFor) {
  ASSERT_EQ(compile(), TN_OK);
  syms_[TN_SYM_ROWS] = 9;
  expect_refused([&] { return execute(); }, "extent 1 is 9, plan 4 was compiled for at most 8");
  syms_[TN_SYM_ROWS] = 8;
  expect_refused([&] { return execute(nullptr, 0); }, "0 bindings, plan 4 has 1");
  binding_.offset = 192;
  expect_refused([&] { return execute(); }, "binding 0: 0 bytes at offset 192");
  binding_.offset = 4;
  expect_refused([&] { return execute(); }, "no multiple of 64");
  binding_.offset = 0;
  api().plan_free(dev(), plan_);
  expect_refused([&] { return execute(); }, "plan 4 was freed before");
}

TEST_F(GraphsTest, PlansWithStateNeedACache) {
  tn_tensor tensors[2] = {tensor_, tensor_};
  tensors[1].role = TN_ROLE_STATE;
  graph_.tensors = tensors;
  graph_.n_tensors = 2;
  ASSERT_EQ(compile(), TN_OK);
  expect_refused([&] { return execute(); }, "plan 4 needs a cache");
}

}  // namespace
}  // namespace tenon
