// Planted bugs: bisect names op, layer and shape; replay shows them again from the bundle alone.
#include "framework/include/tenon/bisect.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/unit/engine/tiny_file.hpp"

namespace tenon::testing {
namespace {

using ::testing::HasSubstr;

class Bisect : public ::testing::Test {
 protected:
  BisectRecipe recipe(const std::string& rule) const {
    BisectRecipe r{.model = file_.path(), .a = "cpu/reference", .b = "cpu/reference", .prompt = ""};
    r.tokens = some_tokens(80);
    r.bundle = folder() / "bundle";
    if (!rule.empty()) r.kernels = {rule};
    return r;
  }
  std::filesystem::path folder() const { return file_.path().parent_path(); }
  BisectReport run(const BisectRecipe& r) {
    const auto report = bisect(r, search_);
    if (!report) throw std::runtime_error(report.error().message());
    return *report;
  }
  BisectReport run(const std::string& rule) { return run(recipe(rule)); }

  TinyFile file_;
  PluginSearch search_{.files = {TENON_PLANTED_PACK, TENON_FOREIGN_PLUGIN}};
};

TEST_F(Bisect, EqualSidesHoldToTheLastBit) {
  const BisectReport r = run("");
  EXPECT_TRUE(r.holds());
  EXPECT_GE(r.ops, 17U);
  EXPECT_EQ(r.steps, 4U);  // 64 rows, 14 rows, one, one
  EXPECT_EQ(r.logits_nmse, 0);
  EXPECT_EQ(r.plan_nmse, 0);
  EXPECT_FALSE(std::filesystem::exists(folder() / "bundle"));
}

TEST_F(Bisect, AWrongLaneAtOneShape) {
  const BisectReport r = run("swiglu@cpu=tenon.test.lane");
  ASSERT_EQ(r.lockstep.size(), 2U);  // one per layer: each is judged alone
  const Divergence& d = r.lockstep[0];
  EXPECT_EQ(d.node, "blk.0.swiglu");
  EXPECT_EQ(d.op, "tn.swiglu/1");
  EXPECT_EQ(d.layer, 0);
  EXPECT_EQ(d.kernel_b, "tenon.test.lane");
  EXPECT_THAT(d.kernel_a, HasSubstr("reference"));
  EXPECT_EQ(d.rows, 1);
  EXPECT_EQ(d.shape, "f32(1, 256), f32(1, 256) -> f32(1, 256)");
  EXPECT_EQ(d.elements.count, 1U);
  EXPECT_EQ(d.elements.first_column, 251U);
  EXPECT_EQ(d.elements.last_column, 251U);
  EXPECT_NEAR(d.elements.value_b - d.elements.value_a, 1.0F, 1e-5F);
  EXPECT_EQ(r.lockstep[1].layer, 1);
  ASSERT_TRUE(r.free_running);
  EXPECT_EQ(r.free_running->node, "blk.0.swiglu");
}

TEST_F(Bisect, AStaleBuffer) {
  const BisectReport r = run("rms_norm_mul@cpu=tenon.test.stale");
  ASSERT_FALSE(r.lockstep.empty());
  const Divergence& d = r.lockstep[0];
  EXPECT_EQ(d.node, "blk.0.rms_norm_mul");
  EXPECT_EQ(d.rows, 64);
  EXPECT_EQ(d.elements.first_row, 63U);
  EXPECT_EQ(d.elements.last_row, 63U);
}

TEST_F(Bisect, AWindowThatIsOffByOne) {
  const BisectReport r = run("attention@cpu=tenon.test.window");
  ASSERT_EQ(r.lockstep.size(), 2U);
  EXPECT_EQ(r.lockstep[0].op, "tn.attention/1");
  EXPECT_EQ(r.lockstep[0].layer, 0);
  EXPECT_EQ(r.lockstep[0].rows, 64);
  EXPECT_EQ(r.lockstep[1].layer, 1);
}

TEST_F(Bisect, AWrongBlockTableEntryShowsInTheSecondPage) {
  const BisectReport r = run("attention@cpu=tenon.test.table");
  ASSERT_EQ(r.lockstep.size(), 2U);
  EXPECT_EQ(r.lockstep[0].op, "tn.attention/1");
  EXPECT_EQ(r.lockstep[0].step, 1U);  // the first 64 positions are right
  EXPECT_EQ(r.lockstep[0].rows, 14);
}

TEST_F(Bisect, ASwappedPairOfBlocks) {
  const BisectReport r = run("matmul[f32]@cpu=tenon.test.swapped");
  ASSERT_EQ(r.lockstep.size(), 1U);  // one matrix of the tiny model is in f32
  EXPECT_EQ(r.lockstep[0].op, "tn.matmul/1");
  EXPECT_EQ(r.lockstep[0].layer, 1);
  EXPECT_EQ(r.lockstep[0].shape, "f32(128, 128), f32(64, 128) -> f32(64, 128)");
}

TEST_F(Bisect, OpsThatAreRightAloneAndWrongTogetherAreSaidToBeSo) {
  const BisectReport r = run("rms_norm_mul@cpu=tenon.test.spoils");
  EXPECT_TRUE(r.lockstep.empty());
  EXPECT_FALSE(r.free_running);
  EXPECT_FALSE(r.plan_holds());
  EXPECT_FALSE(r.holds());
}

TEST_F(Bisect, ADeviceWithoutASlotHolds) {
  BisectRecipe foreign = recipe("");
  foreign.b = "foreign";
  const BisectReport r = run(foreign);
  EXPECT_TRUE(r.holds()) << (r.lockstep.empty() ? "" : r.lockstep[0].node) << r.plan_nmse;
  EXPECT_GE(r.ops, 17U);
}

TEST_F(Bisect, ABundleShowsTheBugWithoutTheModel) {
  for (const char* rule : {"swiglu@cpu=tenon.test.lane", "attention@cpu=tenon.test.table",
                           "matmul[f32]@cpu=tenon.test.swapped"}) {
    SCOPED_TRACE(rule);
    run(rule);
    const auto again = replay(folder() / "bundle", {}, {}, search_);
    ASSERT_TRUE(again) << again.error().message();
    EXPECT_FALSE(again->holds);
    EXPECT_TRUE(again->same_bits_as_b);
    const auto right = replay(folder() / "bundle", "cpu/reference", {}, search_);
    ASSERT_TRUE(right) << right.error().message();
    EXPECT_TRUE(right->holds);
    EXPECT_EQ(right->nmse, 0);
    EXPECT_FALSE(right->same_bits_as_b);
    std::filesystem::remove_all(folder() / "bundle");
  }
}

TEST_F(Bisect, ADamagedBundleIsRefused) {
  run("swiglu@cpu=tenon.test.lane");
  const auto manifest = folder() / "bundle" / "manifest.json";
  std::ifstream in(manifest);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto refused = [&](const std::string& from, const std::string& to) {
    std::string changed = text;
    changed.replace(changed.find(from), from.size(), to);
    std::ofstream(manifest) << changed;
    const auto done = replay(folder() / "bundle", {}, {}, search_);
    EXPECT_FALSE(done);
    return done ? ErrorCode::failed : done.error().code();
  };
  EXPECT_EQ(refused("\"tenon_bundle\": 1", "\"tenon_bundle\": 9"), ErrorCode::usage);
  EXPECT_EQ(refused("tn.swiglu/1\",\n   \"in\"", "tn.nothing/1\",\n   \"in\""), ErrorCode::usage);
  EXPECT_EQ(refused("step0.in0.npy", "../in0.npy"), ErrorCode::usage);
  EXPECT_EQ(refused("{", "["), ErrorCode::usage);
  EXPECT_EQ(replay(folder(), {}, {}, search_).error().code(), ErrorCode::usage);
}

}  // namespace
}  // namespace tenon::testing
