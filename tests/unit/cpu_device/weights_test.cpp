// Weights: borrowed, copied, packed; cancelled and refused.
#include <gtest/gtest.h>

#include <cstring>
#include <numeric>
#include <vector>

#include "tests/unit/cpu_device/plan_runner.hpp"
#include "tests/unit/cpu_device/test_kernels.hpp"

namespace tenon::test {
namespace {

constexpr uint32_t k_group = 4;

uint64_t width(const tn_tensor* w) { return static_cast<uint64_t>(w->dim[w->rank - 1]); }

tn_status packed_size(const tn_layout_desc*, const tn_tensor* w, uint64_t* bytes, uint64_t* align) {
  const uint64_t groups = (static_cast<uint64_t>(w->dim[0]) + k_group - 1) / k_group;
  *bytes = groups * k_group * width(w) * sizeof(float);
  *align = 256;
  return TN_OK;
}

// Columns of a group of rows side by side; refuses ranges that split a group.
tn_status pack(const tn_layout_desc*, const tn_tensor* w, const void* plain, void* packed,
               uint64_t row0, uint64_t row1) {
  const auto rows = static_cast<uint64_t>(w->dim[0]), n = width(w);
  if (row0 % k_group != 0 || (row1 % k_group != 0 && row1 != rows)) return TN_ERR_INTERNAL;
  const auto* from = static_cast<const float*>(plain);
  auto* to = static_cast<float*>(packed);
  for (uint64_t r = row0; r < row1; ++r) {
    for (uint64_t c = 0; c < n; ++c) {
      to[(r / k_group * n + c) * k_group + r % k_group] = from[r * n + c];
    }
  }
  return TN_OK;
}

tn_status fail_late(const tn_layout_desc*, const tn_tensor*, const void*, void*, uint64_t,
                    uint64_t row1) {
  return row1 == 103 ? TN_ERR_IO : TN_OK;
}

const tn_layout_desc k_layout = {sizeof k_layout, k_group,     "test.x4/1", "f32",
                                 TN_SLOT_CPU,     packed_size, pack,        nullptr};

class WeightsTest : public testing::TestWithParam<uint32_t> {
 protected:
  static constexpr int64_t k_rows = 103, k_width = 5;

  void SetUp() override {
    std::iota(file.begin(), file.end(), 1.0f);
    shape.struct_size = sizeof shape;
    shape.rank = 2;
    shape.dim[0] = k_rows;
    shape.dim[1] = k_width;
    desc.struct_size = sizeof desc;
    desc.name = "blk.0.w";
    desc.tensor = &shape;
    desc.data = file.data();
    desc.bytes = file.size() * sizeof(float);
  }
  tn_status put() { return device.api->weight_put(device.dev, &desc, &weight); }
  tn_weight_report report() {
    tn_weight_report now = {};
    now.struct_size = sizeof now;
    EXPECT_EQ(device.api->weights_commit(device.dev, &now), TN_OK);
    return now;
  }
  void free_weight() { device.api->weight_free(device.dev, weight); }
  // What a kernel sees: copies the weight's first n values to the output.
  std::vector<float> seen(size_t n) {
    GraphMaker maker(device.host.id("f32"));
    const uint32_t zero = maker.tensor(TN_ROLE_INPUT, 1, static_cast<int64_t>(n));
    const uint32_t y = maker.tensor(TN_ROLE_OUTPUT, 1, static_cast<int64_t>(n));
    const uint32_t w = maker.weight(weight, k_rows, k_width, device.host.id("test.x4/1"));
    maker.node(bound<AddWeight>(), {zero, w, TN_NONE}, {y});
    PlanRunner runner(device, maker);
    EXPECT_EQ(runner.run(), TN_OK);
    return runner.read(maker.offset(y), n);
  }

  OpenDevice device{GetParam()};
  std::vector<float> file = std::vector<float>(k_rows * k_width);
  tn_tensor shape = {};
  tn_weight_desc desc = {};
  tn_weight* weight = nullptr;
};

TEST_P(WeightsTest, BorrowedWeightsAreTheFile) {
  desc.flags = TN_WEIGHT_BORROW_OK;
  ASSERT_EQ(put(), TN_OK);
  file[0] = 99;
  EXPECT_EQ(seen(1)[0], 99);
  const tn_weight_report done = report();
  EXPECT_EQ(done.borrowed_bytes, desc.bytes);
  EXPECT_EQ(done.n_weights, 1u);
  EXPECT_EQ(report().n_weights, 0u) << "since the last commit";
  free_weight();
}

TEST_P(WeightsTest, CopiedWeightsDoNotNeedTheFile) {
  ASSERT_EQ(put(), TN_OK);
  std::fill(file.begin(), file.end(), 0.0f);
  EXPECT_EQ(seen(2), (std::vector<float>{1, 2}));
  EXPECT_EQ(report().uploaded_bytes, desc.bytes);
  free_weight();
}

TEST_P(WeightsTest, PackingCoversEveryRowOnce) {
  desc.layout = &k_layout;
  desc.flags = TN_WEIGHT_BORROW_OK;
  ASSERT_EQ(put(), TN_OK) << device.host.error();
  const size_t n = 104 * k_width;
  std::vector<float> expected(n);
  pack(nullptr, &shape, file.data(), expected.data(), 0, k_rows);
  EXPECT_EQ(seen(n), expected);
  const tn_weight_report done = report();
  EXPECT_EQ(done.packed_bytes, n * sizeof(float));
  EXPECT_EQ(done.borrowed_bytes, 0u);
  EXPECT_GT(done.pack_ns, 0u);
  free_weight();
}

TEST_P(WeightsTest, ALargeWeightIsPackedInManyChunks) {
  constexpr int64_t k_large = 40'000;
  std::vector<float> large(static_cast<size_t>(k_large * k_width));
  std::iota(large.begin(), large.end(), 1.0f);
  shape.dim[0] = k_large;
  desc.data = large.data();
  desc.bytes = large.size() * sizeof(float);
  desc.layout = &k_layout;
  ASSERT_EQ(put(), TN_OK) << device.host.error();
  std::vector<float> expected(large.size());
  pack(nullptr, &shape, large.data(), expected.data(), 0, k_large);
  EXPECT_EQ(seen(large.size()), expected);
  free_weight();
}

TEST_P(WeightsTest, ThePlainLayoutIsNoLayout) {
  tn_layout_desc plain = k_layout;
  plain.id = TN_LAYOUT_PLAIN;
  desc.layout = &plain;
  ASSERT_EQ(put(), TN_OK);
  EXPECT_EQ(report().packed_bytes, 0u);
  free_weight();
}

TEST_P(WeightsTest, AFailedPackNamesTheWeight) {
  tn_layout_desc failing = k_layout;
  failing.pack = fail_late;
  desc.layout = &failing;
  EXPECT_EQ(put(), TN_ERR_IO);
  EXPECT_EQ(weight, nullptr);
  EXPECT_NE(device.host.error().find("blk.0.w"), std::string::npos);
  EXPECT_EQ(report().n_weights, 0u);
}

TEST_P(WeightsTest, CancelledLoadsStop) {
  const uint32_t cancel = 1;
  desc.cancel = &cancel;
  desc.layout = &k_layout;
  EXPECT_EQ(put(), TN_ERR_CANCELLED);
  EXPECT_EQ(weight, nullptr);
}

TEST_P(WeightsTest, InvalidDescriptions) {
  const tn_weight_desc good = desc;
  const auto refused = [&](auto change) {
    desc = good;
    change(desc);
    return put();
  };
  tn_layout_desc layout = k_layout;
  tn_tensor bad_shape = shape;
  EXPECT_EQ(refused([](tn_weight_desc& d) { d.struct_size = 8; }), TN_ERR_INVALID);
  EXPECT_EQ(refused([](tn_weight_desc& d) { d.tensor = nullptr; }), TN_ERR_INVALID);
  EXPECT_EQ(refused([](tn_weight_desc& d) { d.data = nullptr; }), TN_ERR_INVALID);
  EXPECT_EQ(refused([](tn_weight_desc& d) { d.bytes = 0; }), TN_ERR_INVALID);
  bad_shape.rank = 7;
  EXPECT_EQ(refused([&](tn_weight_desc& d) { d.tensor = &bad_shape; }), TN_ERR_INVALID);
  bad_shape.rank = 2;
  bad_shape.dim[0] = 0;
  EXPECT_EQ(refused([&](tn_weight_desc& d) { d.tensor = &bad_shape; }), TN_ERR_INVALID);
  layout.group_rows = 0;
  EXPECT_EQ(refused([&](tn_weight_desc& d) { d.layout = &layout; }), TN_ERR_INVALID);
  desc = good;
  EXPECT_EQ(device.api->weight_put(device.dev, nullptr, &weight), TN_ERR_INVALID);
  EXPECT_EQ(device.api->weight_put(device.dev, &desc, nullptr), TN_ERR_INVALID);
  EXPECT_EQ(weight, nullptr);
}

INSTANTIATE_TEST_SUITE_P(Workers, WeightsTest, testing::Values(1, 2, 5));

}  // namespace
}  // namespace tenon::test
