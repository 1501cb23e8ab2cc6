// Weights that no buffer holds: cut into parts, multiplied and read by rows, with the same results.
#include <tenon/abi/ops.h>

#include <cstring>

#include "backends/gpu/ops.hpp"
#include "tests/sdk/foreign_device.hpp"

namespace tenon::conformance {
namespace {

class OpenclWeights : public ForeignDevice {
 protected:
  static constexpr int64_t k_n = 600, k_k = 64;  // 38 tiles of 4096 bytes
  static constexpr int64_t k_rows = 3;

  // Small whole numbers, whose products and sums are exact.
  static float weight_at(int64_t n, int64_t k) {
    return static_cast<float>((n * 7 + k * 3) % 17 - 8);
  }
  static float x_at(int64_t t, int64_t k) { return static_cast<float>((t * 5 + k) % 9 - 4); }

  tn_tensor matrix() {
    tn_tensor w = GraphBuilder(host_).describe("f32", {k_n, k_k});
    w.layout = host_.intern(TN_KIND_LAYOUT, gpu::k_weight_layout);
    return w;
  }
  tn_weight* put() {
    std::vector<uint8_t> bytes(k_n * k_k * 4);
    for (int64_t n = 0; n < k_n; ++n)
      for (int64_t k = 0; k < k_k; ++k) {
        const float value = weight_at(n, k);
        std::memcpy(bytes.data() + (n * k_k + k) * 4, &value, 4);
      }
    return ForeignDevice::put(matrix(), bytes, gpu::k_weight_layout);
  }
  void execute(GraphBuilder& g, tn_buffer* buffer) {
    const std::vector<int64_t> syms(TN_SYM_COUNT, k_rows);
    const tn_compile_opts opts{sizeof opts, 0, TN_SYM_COUNT, 0, syms.data()};
    tn_plan* plan = nullptr;
    ASSERT_EQ(api_->compile(device_, &g.graph(), &opts, &plan), TN_OK) << host_.last_error();
    const tn_binding binding{buffer, 0};
    const tn_cmd_execute cmd{head<tn_cmd_execute>(TN_CMD_EXECUTE),
                             plan,
                             nullptr,
                             &binding,
                             syms.data(),
                             1,
                             TN_SYM_COUNT,
                             nullptr};
    run({&cmd.head});
    api_->plan_free(device_, plan);
  }
  void check_products() {
    tn_weight* stored = put();
    tn_buffer* buffer = allocate(16384);
    std::vector<float> x;
    for (int64_t t = 0; t < k_rows; ++t)
      for (int64_t k = 0; k < k_k; ++k) x.push_back(x_at(t, k));
    upload(buffer, 0, x);
    GraphBuilder g(host_);
    const uint32_t w = g.weight(matrix(), stored);
    g.node(TN_OP_MATMUL, {w, g.tensor({k_rows, k_k}, 0)}, g.tensor({k_rows, k_n}, 4096));
    execute(g, buffer);
    const auto y = download<float>(buffer, 4096, k_rows * k_n);
    for (int64_t i = 0; i < k_rows * k_n; ++i) {
      float sum = 0;
      for (int64_t k = 0; k < k_k; ++k) sum += weight_at(i % k_n, k) * x_at(i / k_n, k);
      ASSERT_EQ(y[static_cast<std::size_t>(i)], sum) << i;
    }
  }
};

TEST_F(OpenclWeights, AreMultipliedWhole) { check_products(); }

// 16 of the 38 tiles are a part.
TEST_F(OpenclWeights, AreMultipliedInParts) {
  restart("TENON_OPENCL_MAX_RANGE", "65792");
  tn_heap heap{};
  heap.struct_size = sizeof heap;
  uint32_t n = 0;
  ASSERT_EQ(api_->get_heaps(device_, &heap, sizeof heap, 1, &n), TN_OK);
  EXPECT_EQ(heap.max_range, 65792u);
  check_products();
}

TEST_F(OpenclWeights, AreReadByRows) {
  const std::vector<int32_t> ids = {599, 17, 300};
  tn_weight* stored = put();
  tn_buffer* buffer = allocate(8192);
  upload(buffer, 0, ids);
  GraphBuilder g(host_);
  const uint32_t named = g.retype(g.tensor({k_rows}, 0), "i32");
  g.node(TN_OP_EMBED_ROWS, {g.weight(matrix(), stored), named}, g.tensor({k_rows, k_k}, 4096));
  execute(g, buffer);
  const auto y = download<float>(buffer, 4096, k_rows * k_k);
  for (int64_t i = 0; i < k_rows * k_k; ++i) {
    const auto at = static_cast<std::size_t>(i);
    ASSERT_EQ(y[at], weight_at(ids[at / k_k], i % k_k)) << i;
  }
}

TEST_F(OpenclWeights, RefusesBytesThatAreNotThoseOfTheShape) {
  const tn_tensor tensor = matrix();
  const std::vector<uint8_t> bytes(k_n * k_k * 4 - 4);
  tn_weight_desc desc{};
  desc.struct_size = sizeof desc;
  desc.tensor = &tensor;
  desc.data = bytes.data();
  desc.bytes = bytes.size();
  tn_weight* weight = nullptr;
  EXPECT_EQ(api_->weight_put(device_, &desc, &weight), TN_ERR_INVALID);
  EXPECT_EQ(weight, nullptr);
}

}  // namespace
}  // namespace tenon::conformance
