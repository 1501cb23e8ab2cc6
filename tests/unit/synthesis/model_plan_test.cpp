// Planned models against what the published files have: tensors, sizes, types.
#include "framework/synthesis/model_plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace tenon {
namespace {

class ModelPlanTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ScanOptions scan;
    scan.directories = {TENON_TEST_PLUGIN_DIR};
    auto scanned = Catalog::scan(host_, scan);
    ASSERT_TRUE(scanned) << scanned.error().message();
    catalog_.emplace(std::move(*scanned));
  }
  Result<ModelPlan> plan(const ModelRecipe& recipe) { return plan_model(recipe, host_, *catalog_); }

  HostTable host_;
  std::optional<Catalog> catalog_;
};

std::string type_in(const ModelPlan& plan, std::string_view name) {
  const auto& tensors = plan.header.tensors();
  const auto found = std::ranges::find(tensors, name, &PlannedTensor::name);
  return found == tensors.end() ? "none" : std::string(found->dtype->name);
}

struct Published {
  std::string shape, mix;
  std::size_t tensors;
  double gigabytes;  // of the file that people load
};

TEST_F(ModelPlanTest, HasTheTensorsAndTheSizeOfThePublishedFile) {
  for (const Published& p :
       {Published{"qwen3-1.7b", "Q4_K_M", 310, 1.10}, Published{"qwen3-8b", "Q4_K_M", 399, 5.02},
        Published{"qwen3-32b", "Q4_K_M", 707, 19.76}, Published{"llama-3.2-1b", "Q8_0", 147, 1.32},
        Published{"phi-4", "Q4_K_M", 243, 9.05}, Published{"qwen2.5-0.5b", "F16", 290, 0.99}}) {
    const auto made = plan({.shape = p.shape, .mix = p.mix});
    ASSERT_TRUE(made) << made.error().message();
    EXPECT_EQ(made->header.tensors().size(), p.tensors) << p.shape;
    const auto bytes = static_cast<double>(made->header.data_bytes());
    EXPECT_NEAR(bytes / 1e9, p.gigabytes, 0.02 * p.gigabytes) << p.shape;
  }
}

TEST_F(ModelPlanTest, TypesFollowTheRecipe) {
  const auto tied = plan({.shape = "0.6b", .arch = "qwen3", .mix = "q4_k_m"});
  ASSERT_TRUE(tied) << tied.error().message();
  EXPECT_EQ(type_in(*tied, "token_embd.weight"), "q6_K");
  EXPECT_EQ(type_in(*tied, "output.weight"), "none");
  EXPECT_EQ(type_in(*tied, "blk.0.attn_v.weight"), "q6_K");
  EXPECT_EQ(type_in(*tied, "blk.3.attn_v.weight"), "q4_K");
  EXPECT_EQ(type_in(*tied, "blk.5.ffn_down.weight"), "q6_K");
  EXPECT_EQ(type_in(*tied, "blk.5.ffn_up.weight"), "q4_K");
  EXPECT_EQ(type_in(*tied, "blk.5.attn_q_norm.weight"), "f32");
  const auto untied = plan({.shape = "qwen3-8b", .mix = "Q5_K_M"});
  ASSERT_TRUE(untied);
  EXPECT_EQ(type_in(*untied, "token_embd.weight"), "q5_K");
  EXPECT_EQ(type_in(*untied, "output.weight"), "q6_K");
}

TEST_F(ModelPlanTest, RowsThatAreNoWholeBlocksGetShorterOnes) {
  const auto made = plan({.shape = "smollm2-135m", .mix = "Q4_K_M", .layers = 8});
  ASSERT_TRUE(made);
  EXPECT_EQ(type_in(*made, "token_embd.weight"), "q8_0");  // 576 is no multiple of 256
  EXPECT_EQ(type_in(*made, "blk.3.ffn_up.weight"), "q5_0");
  EXPECT_EQ(type_in(*made, "blk.3.ffn_down.weight"), "q6_K");  // 1536 is one
}

TEST_F(ModelPlanTest, OptionalTensorsAreThoseOfTheShape) {
  const auto biased = plan({.shape = "qwen2.5-0.5b", .layers = 1});
  const auto factors = plan({.shape = "llama-3.2-1b", .layers = 1});
  ASSERT_TRUE(biased && factors);
  EXPECT_EQ(type_in(*biased, "blk.0.attn_k.bias"), "f32");
  EXPECT_EQ(type_in(*biased, "blk.0.attn_output.bias"), "none");
  EXPECT_EQ(type_in(*factors, "rope_freqs.weight"), "f32");
}

TEST_F(ModelPlanTest, WrongNamesAreRefusedWithTheRightOnes) {
  const auto shape = plan({.shape = "qwen3-9b"});
  ASSERT_FALSE(shape);
  EXPECT_EQ(shape.error().code(), ErrorCode::usage);
  EXPECT_NE(shape.error().message().find("qwen3-8b"), std::string::npos);
  const auto arch = plan({.shape = "1.7b", .arch = "llama"});
  EXPECT_TRUE(arch && arch->shape.name == "smollm2-1.7b");
  EXPECT_FALSE(plan({.shape = "0.6b", .arch = "llama"}));
  const auto mix = plan({.shape = "qwen3-8b", .mix = "Q4_K_X"});
  ASSERT_FALSE(mix);
  EXPECT_NE(mix.error().message().find("Q4_K_M"), std::string::npos);
}

}  // namespace
}  // namespace tenon
