// Validation layer: where the operands of a plan lie, and which executions may meet in its scratch.
#include "tests/unit/validation/fake_device.hpp"

namespace tenon {
namespace {

// A subgraph of one node with one input and one output of (8, 16) f32 in one buffer.
class ExecutionsTest : public ValidationTest {
 protected:
  ExecutionsTest() {
    for (tn_tensor* t : {&tensors_[0], &tensors_[1], &tensors_[2]}) {
      *t = tn_tensor{};
      t->struct_size = sizeof(*t);
      t->role = TN_ROLE_TEMP;
      t->rank = 2;
      t->dim[0] = 8;
      t->dim[1] = 16;
      t->stride[0] = 64;
      t->stride[1] = 4;
    }
    tensors_[1].offset = k_bytes;
    tensors_[2].role = TN_ROLE_VIEW;
    node_.struct_size = sizeof(node_);
    node_.n_in = node_.n_out = 1;
    node_.in = &in_;
    node_.out = &out_;
    node_.name = "n";
    graph_.struct_size = sizeof(graph_);
    graph_.n_nodes = graph_.n_bindings = 1;
    graph_.n_tensors = 3;
    graph_.node_stride = sizeof(node_);
    graph_.tensor_stride = sizeof(tn_tensor);
    graph_.nodes = &node_;
    graph_.tensors = tensors_;
  }
  void rows(std::int64_t n) {
    for (tn_tensor& t : tensors_) t.dim[0] = n;
  }
  tn_status compile(std::uint32_t flags = 0) {
    const std::int64_t bounds[TN_SYM_COUNT] = {0, 8, 8, 1, 64};
    const tn_compile_opts opts{sizeof(opts), flags, TN_SYM_COUNT, 0, bounds};
    return api().compile(dev(), &graph_, &opts, &plan_);
  }
  tn_status execute(tn_buffer* buffer, std::uint64_t offset = 0) {
    binding_ = {buffer, offset};
    return execute(queue_, {}, {});
  }
  tn_status execute(tn_queue* queue, std::vector<tn_point> waits, std::vector<tn_point> signals) {
    const std::int64_t syms[TN_SYM_COUNT] = {0, 8, 1, 1, 8};
    const tn_cmd_execute c{
        {sizeof(c), TN_CMD_EXECUTE}, plan_, nullptr, &binding_, syms, 1, TN_SYM_COUNT, nullptr};
    const tn_cmd* cmds[] = {&c.head};
    const tn_submit s{sizeof(s),
                      0,
                      waits.data(),
                      signals.data(),
                      cmds,
                      static_cast<std::uint32_t>(waits.size()),
                      static_cast<std::uint32_t>(signals.size()),
                      1,
                      0,
                      nullptr,
                      nullptr};
    return api().submit(dev(), queue, &s);
  }

  static constexpr std::uint64_t k_bytes = 512;  // of each tensor
  tn_tensor tensors_[3];                         // input, output, a view
  std::uint32_t in_ = 0, out_ = 1;
  tn_node node_{};
  tn_subgraph graph_{};
  tn_queue* queue_ = queue();
  tn_binding binding_{buffer(1024), 0};
  tn_plan* plan_ = nullptr;
};

TEST_F(ExecutionsTest, OffsetsAreMultiplesOfTheAlignmentOfTheHeap) {
  rows(2);
  tensors_[1].offset = 128;
  ASSERT_EQ(compile(), TN_OK);
  EXPECT_EQ(execute(buffer(1024), 64), TN_OK);
  expect_no_report();
  tn_buffer* strict = buffer(1024, 1);
  expect_refused([&] { return execute(strict); },
                 "binding 0: a tensor of the plan has an offset that is no multiple of 256");
  tensors_[1].offset = 256;
  ASSERT_EQ(compile(), TN_OK);
  EXPECT_EQ(execute(strict, 256), TN_OK);
  expect_no_report();
  expect_refused([&] { return execute(strict, 64); },
                 "binding 0: an offset that is no multiple of 256");
}

TEST_F(ExecutionsTest, OperandsFitIntoTheirBuffersAndHeaps) {
  ASSERT_EQ(compile(), TN_OK);
  EXPECT_EQ(execute(buffer(1024, 1)), TN_OK) << "two operands of 512 bytes";
  expect_no_report();
  tn_buffer* small = buffer(1020);
  expect_refused([&] { return execute(small); },
                 "binding 0: 1024 bytes at offset 0 do not lie in the 1020");
  tensors_[0].dim[0] = 12;
  tensors_[1].dim[0] = 1;
  tensors_[1].offset = 768;
  ASSERT_EQ(compile(), TN_OK);
  EXPECT_EQ(execute(buffer(1024)), TN_OK);
  tn_buffer* strict = buffer(1024, 1);
  expect_refused([&] { return execute(strict); },
                 "binding 0: an operand of 768 bytes, the heap takes 512");
}

TEST_F(ExecutionsTest, APlanForItsSizesHasNoWeightsAndIsNotExecuted) {
  tn_weight* absent = nullptr;
  graph_.weights = &absent;
  graph_.n_weights = 1;
  expect_refused([&] { return compile(); }, "a weight that is NULL");
  ASSERT_EQ(compile(TN_COMPILE_SIZES), TN_OK);
  tn_buffer* memory = buffer(1024);
  expect_refused([&] { return execute(memory); }, "was made for its sizes only");
}

TEST_F(ExecutionsTest, AnOutputSharesNoBytesWithAnInputOfItsNode) {
  tensors_[1].offset = 448;
  expect_refused([&] { return compile(); }, "node n: output 0 shares bytes with input 0");
  in_ = 2;  // the last 448 bytes of tensor 0
  tensors_[2].dim[0] = 7;
  tensors_[2].view_offset = 64;
  expect_refused([&] { return compile(); }, "node n: output 0 shares bytes with input 0");
  tensors_[2].view_offset = 0;
  EXPECT_EQ(compile(), TN_OK) << "the bytes behind a view are free";
  in_ = 0;
  graph_.n_bindings = 2;
  tensors_[1].binding = 1;
  EXPECT_EQ(compile(), TN_OK) << "another buffer";
  expect_no_report();
}

class OrderTest : public ExecutionsTest {
 protected:
  OrderTest() { EXPECT_EQ(compile(), TN_OK); }
  void expect_unordered(std::vector<tn_point> waits = {}) {
    expect_refused([&] { return execute(other_, waits, {}); },
                   "command 0: another execution of plan 5 may be in flight");
  }
  tn_queue* other_ = queue();
  tn_timeline* t_ = timeline();
};

TEST_F(OrderTest, OfOneQueueIsItsOwn) {
  EXPECT_EQ(execute(queue_, {}, {{t_, 1}}), TN_OK);
  EXPECT_EQ(execute(queue_, {}, {{t_, 2}}), TN_OK);
  expect_no_report();
  expect_unordered();
}

TEST_F(OrderTest, OfQueuesIsMadeByWaits) {
  EXPECT_EQ(execute(queue_, {}, {{t_, 1}}), TN_OK);
  EXPECT_EQ(execute(queue_, {}, {{t_, 2}}), TN_OK);
  expect_unordered({{t_, 1}});  // the second may still run
  EXPECT_EQ(execute(other_, {{t_, 2}}, {}), TN_OK);
  expect_no_report();
}

TEST_F(OrderTest, GoesThroughAQueueInBetween) {
  tn_queue* between = queue();
  tn_timeline* u = timeline();
  EXPECT_EQ(execute(queue_, {}, {{t_, 1}}), TN_OK);
  const tn_point wait{t_, 1}, signal{u, 1};
  const tn_submit s{sizeof(s), 0, &wait, &signal, nullptr, 1, 1, 0, 0, nullptr, nullptr};
  EXPECT_EQ(api().submit(dev(), between, &s), TN_OK);
  expect_unordered();
  EXPECT_EQ(execute(other_, {{u, 1}}, {}), TN_OK);
  expect_no_report();
}

TEST_F(OrderTest, IsWhatTheHostHasSeen) {
  EXPECT_EQ(execute(queue_, {}, {{t_, 1}}), TN_OK);
  fake_.status = TN_ERR_TIMEOUT;
  EXPECT_EQ(api().timeline_wait(dev(), t_, 1, 0), TN_ERR_TIMEOUT);
  fake_.status = TN_OK;
  expect_unordered();
  EXPECT_EQ(api().timeline_wait(dev(), t_, 1, UINT64_MAX), TN_OK);
  EXPECT_EQ(execute(other_, {}, {{t_, 2}}), TN_OK);
  fake_.value = 1;
  std::uint64_t value = 0;
  EXPECT_EQ(api().timeline_query(dev(), t_, &value), TN_OK);
  expect_refused([&] { return execute(queue_, {}, {}); }, "may be in flight");
  fake_.value = 2;
  EXPECT_EQ(api().timeline_query(dev(), t_, &value), TN_OK);
  EXPECT_EQ(execute(queue_, {}, {}), TN_OK);
  expect_no_report();
}

TEST_F(OrderTest, AValueSeenBeforeOrdersNothingNew) {
  EXPECT_EQ(execute(queue_, {}, {{t_, 1}}), TN_OK);
  EXPECT_EQ(api().timeline_wait(dev(), t_, 1, UINT64_MAX), TN_OK);
  EXPECT_EQ(execute(queue_, {}, {{t_, 2}}), TN_OK);
  EXPECT_EQ(api().timeline_wait(dev(), t_, 1, UINT64_MAX), TN_OK);
  expect_unordered({{t_, 1}});
}

TEST_F(OrderTest, AnInitialValueOrdersNothing) {
  tn_timeline* t = timeline(5);
  EXPECT_EQ(execute(queue_, {}, {{t, 6}}), TN_OK);
  expect_unordered({{t, 5}});
  EXPECT_EQ(execute(other_, {{t, 6}}, {}), TN_OK);
  expect_no_report();
}

TEST_F(OrderTest, AClosedQueueHasEnded) {
  EXPECT_EQ(execute(queue_, {}, {}), TN_OK);
  expect_unordered();
  api().queue_close(dev(), queue_);
  EXPECT_EQ(execute(other_, {}, {}), TN_OK);
  expect_no_report();
}

TEST_F(OrderTest, RefusedSubmissionsAreNotInFlight) {
  fake_.status = TN_ERR_OOM;
  EXPECT_EQ(execute(queue_, {}, {{t_, 1}}), TN_ERR_OOM);
  fake_.status = TN_OK;
  EXPECT_EQ(execute(other_, {}, {{t_, 1}}), TN_OK);
  expect_no_report();
}

}  // namespace
}  // namespace tenon
