// The harness itself: each fault of the fixture pack is seen, and named.
#include <gmock/gmock.h>

#include "kernel_test.hpp"

namespace tenon::conformance {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string k_folder = TENON_TEST_FIXTURE_DIR;

class KernelRunnerTest : public testing::Test {
 protected:
  static KernelCase fixture(const std::string& id) {
    for (const KernelCase& c : kernel_cases(load_packs(k_folder), TN_OP_SILU)) {
      if (id == c.kernel->id) return c;
    }
    throw std::invalid_argument(id);
  }
  static std::string fault(const std::string& id) { return run(id, Schedule::pieces).fault; }
  static RunReport run(const std::string& id, Schedule schedule) {
    Call call(fixture(id));
    return KernelRunner(fill(call)).run(schedule);
  }
  static Call& fill(Call& call) {
    return call.in({"f32", {5, 3}, TN_SYM_ROWS}, random_values(Inputs::normal, 15, 1))
        .out({"f32", {5, 3}, TN_SYM_ROWS});
  }
  static std::string weight_fault(const std::string& id) {
    Call call(fixture(id));
    call.weight({"f32", {7, 4}}, std::vector<uint8_t>(7 * 4 * 4, 0x35));
    return call.setup_fault();
  }
};

TEST_F(KernelRunnerTest, LetsGoodKernelsPass) {
  EXPECT_EQ(fault("good"), "");
  EXPECT_TRUE(run("good", Schedule::whole).ran());
}

TEST_F(KernelRunnerTest, SaysHowManyExtentsThereAre) { EXPECT_EQ(fault("counts_extents"), ""); }

TEST_F(KernelRunnerTest, RunsEveryPhaseThatAKernelMayHave) {
  Call call(fixture("eight_phases"));
  ASSERT_TRUE(KernelRunner(fill(call)).run(Schedule::pieces).ran());
  std::vector<float> expected = random_values(Inputs::normal, 15, 1);
  for (float& x : expected)
    for (int phase = 0; phase < TN_CPU_MAX_PHASES; ++phase) x += 1;
  EXPECT_EQ(call.result(), expected);
}

TEST_F(KernelRunnerTest, SeesWritesOutsideOfOutputs) {
  EXPECT_THAT(fault("writes_past_the_end"), HasSubstr("operand 1: written outside"));
  EXPECT_THAT(fault("ignores_the_extent"), HasSubstr("operand 1: written outside"));
}

TEST_F(KernelRunnerTest, SeesWritesOutsideOfScratch) {
  EXPECT_THAT(fault("overruns_worker_scratch"), HasSubstr("worker scratch: written outside"));
  EXPECT_THAT(fault("overruns_shared_scratch"), HasSubstr("shared scratch: written outside"));
}

TEST_F(KernelRunnerTest, SeesChangedInputs) {
  EXPECT_THAT(fault("changes_its_input"), HasSubstr("operand 0: an input was changed"));
}

TEST_F(KernelRunnerTest, SchedulesShowDependenceOnTheSplit) {
  Call call(fixture("depends_on_the_split"));
  KernelRunner runner(fill(call));
  ASSERT_TRUE(runner.run(Schedule::whole).ran());
  const auto whole = call.result();
  ASSERT_TRUE(runner.run(Schedule::pieces).ran());
  EXPECT_NE(whole, call.result());
}

TEST_F(KernelRunnerTest, ReportsRefusalsAndFailures) {
  const KernelCase declining = fixture("declines");
  Call call(declining);
  EXPECT_TRUE(KernelRunner(fill(call)).run(Schedule::whole).declined);
  EXPECT_EQ(declining.pack->host->last_error(), "never");
  EXPECT_THAT(fault("fails_in_plan"), HasSubstr("plan failed"));
}

TEST_F(KernelRunnerTest, SeesLayoutsThatLoseBitsOrOverflow) {
  EXPECT_THAT(weight_fault("lossy"), HasSubstr("differs from w"));
  EXPECT_THAT(weight_fault("overflowing"), HasSubstr("pack wrote outside"));
}

TEST(KernelPackTest, NamesTheFeatureThisMachineLacks) {
  const KernelPack pack = load_pack(k_folder + "/future_pack.tenon.so");
  EXPECT_FALSE(pack.runs());
  EXPECT_THAT(pack.missing, ElementsAre("quantum"));
  EXPECT_TRUE(pack.kernels.empty());
}

TEST(KernelPackTest, RefusesWhatIsNoPlugin) {
  EXPECT_NE(load_pack("/dev/null").refusal, "");
  EXPECT_NE(load_pack(k_folder + "/absent.tenon.so").refusal, "");
}

}  // namespace
}  // namespace tenon::conformance
