// Every pack loads or says why not, and the reference pack knows every op.
#include <gmock/gmock.h>

#include "framework/graph/op_table.hpp"
#include "kernel_test.hpp"
#include "weight_types.hpp"

namespace tenon::conformance {
namespace {

TEST(Packs, LoadOrNameTheMissingFeature) {
  const auto& packs = packs_under_test();
  ASSERT_FALSE(packs.empty()) << "no kernel packs in " TENON_TEST_PLUGIN_DIR;
  for (const auto& pack : packs) {
    EXPECT_EQ(pack->refusal, "") << pack->path;
    std::string state = std::to_string(pack->kernels.size()) + " kernels";
    for (const auto& feature : pack->missing) state = "not run, this machine lacks " + feature;
    std::printf("    %s: %s\n", pack->path.c_str(), state.c_str());
  }
}

TEST(Packs, ReferenceHasEveryOp) {
  for (const OpInfo& op : all_ops()) {
    const auto cases = kernel_cases(packs_under_test(), op.name.data());
    EXPECT_TRUE(std::any_of(cases.begin(), cases.end(), [](const KernelCase& c) {
      return c.is_reference();
    })) << op.name;
  }
}

TEST(Packs, ReferenceReadsEveryTypeOfWeights) {
  for (const char* op : {TN_OP_EMBED_ROWS, TN_OP_MATMUL, TN_OP_QKV_PROJ}) {
    const auto cases = kernel_cases(packs_under_test(), op);
    for (const std::string& type : weight_types())
      EXPECT_TRUE(std::any_of(
          cases.begin(), cases.end(),
          [&](const KernelCase& c) { return c.is_reference() && c.in_dtype(0) == type; }))
          << op << " " << type;
  }
}

// Every op has a test here, whoever adds it: one suite of cases over its kernels.
TEST(Packs, EveryOpIsJudged) {
  const auto& unit = *testing::UnitTest::GetInstance();
  for (const OpInfo& op : all_ops()) {
    std::string suite = "Packs/";  // tn.rms_norm/1: Packs/RmsNormTest
    bool upper = true;
    for (const char c : op.name.substr(3, op.name.find('/') - 3)) {
      if (c != '_') suite += upper ? static_cast<char>(c - 'a' + 'A') : c;
      upper = c == '_';
    }
    suite += "Test";
    bool found = false;
    for (int i = 0; i < unit.total_test_suite_count(); ++i)
      found |= unit.GetTestSuite(i)->name() == suite;
    EXPECT_TRUE(found) << op.name << " wants a suite " << suite;
  }
}

TEST(Packs, KernelIdsAreUnique) {
  std::vector<std::string> ids;
  for (const auto& pack : packs_under_test()) {
    for (const tn_kernel_desc* kernel : pack->kernels) ids.push_back(kernel->id);
  }
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(std::adjacent_find(ids.begin(), ids.end()), ids.end());
}

}  // namespace
}  // namespace tenon::conformance
