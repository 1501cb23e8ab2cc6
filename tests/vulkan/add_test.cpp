// Plans: compiled, executed with other memory and other extents, timed, and only measured. With
// tn.add, whose sums are exact, so that only the runtime can be wrong.
#include <tenon/abi/ops.h>

#include "vulkan_device.hpp"

namespace tenon::conformance {
namespace {

class VulkanAdd : public VulkanDevice {
 protected:
  static constexpr int64_t k_rows = 5, k_width = 300;
  static constexpr uint64_t k_part = 8192;  // bytes from a tensor of the binding to the next

  std::vector<float> values(float start, int64_t n = k_rows * k_width) const {
    std::vector<float> all(static_cast<std::size_t>(n));
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = start + static_cast<float>(i);
    return all;
  }
  tn_plan* compile(GraphBuilder& g, uint32_t flags = 0) {
    const std::vector<int64_t> bounds(TN_SYM_COUNT, k_rows);
    const tn_compile_opts opts{sizeof opts, flags, TN_SYM_COUNT, 0, bounds.data()};
    tn_plan* plan = nullptr;
    EXPECT_EQ(api_->compile(device_, &g.graph(), &opts, &plan), TN_OK) << host_.last_error();
    return plan;
  }
  tn_status execute(tn_plan* plan, tn_buffer* buffer, uint64_t offset, int64_t rows,
                    uint64_t* node_ns = nullptr) {
    const tn_binding binding{buffer, offset};
    const std::vector<int64_t> syms = {0, rows, 0, 1, rows};
    const tn_cmd_execute cmd{
        head<tn_cmd_execute>(TN_CMD_EXECUTE), plan,   nullptr, &binding, syms.data(), 1,
        static_cast<uint32_t>(syms.size()),   node_ns};
    const tn_cmd* const cmds[] = {&cmd.head};
    tn_timeline* done = make_timeline();
    const tn_status status = submit(queue_, {{cmds[0]}, {}, {{done, 1}}});
    return status == TN_OK ? wait(done, 1) : status;
  }
  // c = a + b; d = c + b: the second needs what the first has written.
  GraphBuilder two_sums() {
    GraphBuilder g(host_);
    const std::vector<int64_t> dims = {k_rows, k_width};
    const uint32_t a = g.tensor(dims, 0, TN_SYM_ROWS), b = g.tensor(dims, k_part, TN_SYM_ROWS);
    const uint32_t c = g.tensor(dims, 2 * k_part, TN_SYM_ROWS);
    g.node(TN_OP_ADD, {a, b}, c);
    g.node(TN_OP_ADD, {c, b}, g.tensor(dims, 3 * k_part, TN_SYM_ROWS));
    return g;
  }
};

TEST_F(VulkanAdd, RunsWithAnyMemoryAndExtent) {
  GraphBuilder g = two_sums();
  tn_plan* plan = compile(g);
  tn_buffer *first = allocate(4 * k_part), *second = allocate(5 * k_part);
  for (int round = 0; round < 3; ++round)
    for (const auto& [buffer, offset, rows] : {std::tuple{first, uint64_t{0}, int64_t{5}},
                                               {second, uint64_t{256}, int64_t{3}},
                                               {second, uint64_t{0}, int64_t{1}},
                                               {first, uint64_t{0}, int64_t{0}}}) {
      SCOPED_TRACE(testing::Message() << rows << " rows at " << offset << ", round " << round);
      const std::vector<float> a = values(static_cast<float>(round)), b = values(0.5f);
      upload(buffer, offset, a);
      upload(buffer, offset + k_part, b);
      const std::vector<float> before(k_rows * k_width, -1.0f);
      upload(buffer, offset + 3 * k_part, before);
      ASSERT_EQ(execute(plan, buffer, offset, rows), TN_OK) << host_.last_error();
      const auto got = download<float>(buffer, offset + 3 * k_part, k_rows * k_width);
      for (std::size_t i = 0; i < got.size(); ++i) {
        const bool inside = static_cast<int64_t>(i) < rows * k_width;
        ASSERT_EQ(got[i], inside ? a[i] + b[i] + b[i] : -1.0f) << i;
      }
    }
  api_->plan_free(device_, plan);
}

TEST_F(VulkanAdd, ReadsViewsAndRowsThatRepeat) {
  GraphBuilder g(host_);
  const uint32_t a = g.tensor({k_rows, k_width}, 0), b = g.tensor({k_width}, k_part);
  // Columns 40 .. 49 of a, from 160 bytes on: not where a descriptor may begin.
  const uint32_t part = g.view(a, {k_rows, 10}, {k_width * 4, 4}, 160);
  const uint32_t row = g.view(b, {1, 10}, {40, 4}, 100);
  g.node(TN_OP_ADD, {part, row}, g.tensor({k_rows, 10}, 2 * k_part), TN_ELEMENTWISE_BROADCAST);
  tn_plan* plan = compile(g);
  tn_buffer* buffer = allocate(3 * k_part);
  const std::vector<float> of_a = values(0), of_b = values(0.25f, k_width);
  upload(buffer, 0, of_a);
  upload(buffer, k_part, of_b);
  ASSERT_EQ(execute(plan, buffer, 0, k_rows), TN_OK) << host_.last_error();
  const auto got = download<float>(buffer, 2 * k_part, 50);
  for (std::size_t i = 0; i < got.size(); ++i)
    EXPECT_EQ(got[i], of_a[i / 10 * k_width + 40 + i % 10] + of_b[25 + i % 10]) << i;
  api_->plan_free(device_, plan);
}

TEST_F(VulkanAdd, TimesItsNodes) {
  GraphBuilder g = two_sums();
  tn_plan* plan = compile(g);
  tn_buffer* buffer = allocate(4 * k_part);
  std::vector<uint64_t> ns = {1, 1};
  ASSERT_EQ(execute(plan, buffer, 0, k_rows, ns.data()), TN_OK) << host_.last_error();
  for (const uint64_t n : ns) EXPECT_LT(n, 10 * k_second_ns);
  EXPECT_NE(ns, (std::vector<uint64_t>{1, 1}));
  api_->plan_free(device_, plan);
}

TEST_F(VulkanAdd, SizesAloneTakeNothing) {
  GraphBuilder g = two_sums();
  const uint64_t before = heap().budget;
  tn_plan* sizes = compile(g, TN_COMPILE_SIZES);
  EXPECT_EQ(heap().budget, before);
  tn_plan* plan = compile(g);
  tn_plan_info asked{sizeof asked, 0, 0}, taken{sizeof taken, 0, 0};
  EXPECT_EQ(api_->plan_info(device_, sizes, &asked), TN_OK);
  EXPECT_EQ(api_->plan_info(device_, plan, &taken), TN_OK);
  EXPECT_EQ(asked.scratch_bytes, taken.scratch_bytes);
  EXPECT_GT(taken.scratch_bytes, 0u);
  api_->plan_free(device_, sizes);
  api_->plan_free(device_, plan);
}

TEST_F(VulkanAdd, RefusesWhatDoesNotFit) {
  GraphBuilder g = two_sums();
  tn_plan* plan = compile(g);
  tn_buffer *small = allocate(3 * k_part), *fits = allocate(5 * k_part);
  EXPECT_EQ(execute(plan, small, 0, k_rows), TN_ERR_INVALID);
  EXPECT_EQ(execute(plan, fits, 64, k_rows), TN_ERR_INVALID) << "operands begin at 256 bytes";
  EXPECT_EQ(execute(plan, fits, 2 * k_part, k_rows), TN_ERR_INVALID);
  EXPECT_EQ(execute(plan, fits, 0, k_rows + 1), TN_ERR_INVALID);
  EXPECT_EQ(execute(plan, fits, 0, -1), TN_ERR_INVALID);
  EXPECT_EQ(execute(plan, nullptr, 0, k_rows), TN_ERR_INVALID);
  EXPECT_EQ(execute(plan, fits, 0, k_rows), TN_OK);
  api_->plan_free(device_, plan);
}

TEST_F(VulkanAdd, DeclinesWithAReason) {
  GraphBuilder g(host_);
  const uint32_t a = g.retype(g.tensor({4, 8}, 0), "i64");
  g.node(TN_OP_ADD, {a, a}, g.tensor({4, 8}, 4096));
  const tn_tensor* operands[] = {&g[0], &g[0], &g[1]};
  const tn_node_query query{sizeof query, 2, host(), g.graph().nodes, operands, 1, 0};
  tn_support answer{sizeof answer, TN_SUPPORT_YES, nullptr};
  ASSERT_EQ(api_->supports(device_, &query, &answer), TN_OK);
  EXPECT_EQ(answer.verdict, uint32_t{TN_SUPPORT_NO});
  EXPECT_FALSE(host_.last_error().empty());
  tn_plan* plan = nullptr;
  const tn_compile_opts opts{sizeof opts, 0, 0, 0, nullptr};
  EXPECT_EQ(api_->compile(device_, &g.graph(), &opts, &plan), TN_ERR_UNSUPPORTED);
}

}  // namespace
}  // namespace tenon::conformance
