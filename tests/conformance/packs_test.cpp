// Every pack loads or says why not, and the reference pack knows every op.
#include <gmock/gmock.h>

#include "kernel_test.hpp"

namespace tenon::conformance {
namespace {

constexpr const char* k_ops[] = {
    TN_OP_EMBED_ROWS, TN_OP_MATMUL,     TN_OP_ADD,          TN_OP_MUL,       TN_OP_SCALE,
    TN_OP_RMS_NORM,   TN_OP_LAYER_NORM, TN_OP_ROPE,         TN_OP_SOFTMAX,   TN_OP_SILU,
    TN_OP_GELU_TANH,  TN_OP_GELU_ERF,   TN_OP_CAST,         TN_OP_COPY,      TN_OP_CONCAT,
    TN_OP_ROW_GATHER, TN_OP_ARGMAX,     TN_OP_KV_WRITE,     TN_OP_ATTENTION, TN_OP_RMS_NORM_MUL,
    TN_OP_SWIGLU,     TN_OP_GEGLU,      TN_OP_ADD_RMS_NORM, TN_OP_QKV_PROJ,
};

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
  for (const char* op : k_ops) {
    const auto cases = kernel_cases(packs_under_test(), op);
    EXPECT_TRUE(std::any_of(cases.begin(), cases.end(), [](const KernelCase& c) {
      return c.is_reference();
    })) << op;
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
