// --kernel rules: what is parsed, what is refused, what they match.
#include "framework/placement/kernel_rules.hpp"

#include <gmock/gmock.h>

#include "tests/unit/graph/maker.hpp"

namespace tenon {
namespace {

using namespace graph_test;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(KernelRules, ParsesEveryPart) {
  const auto rule = parse_kernel_rule("tn.matmul[q4_1,*]@cpu=com.acme.q4");
  ASSERT_TRUE(rule) << rule.error().message();
  EXPECT_EQ(rule->op, "tn.matmul");
  EXPECT_EQ(rule->device, "cpu");
  EXPECT_EQ(rule->id, "com.acme.q4");
  EXPECT_THAT(rule->dtypes, ElementsAre("q4_1", "*"));
  EXPECT_FALSE(rule->deny);
}

TEST(KernelRules, ShortFormsAndDenials) {
  for (const char* text : {"matmul=!x", "tn.matmul=!x", "tn.matmul/1=!x"}) {
    const auto rule = parse_kernel_rule(text);
    ASSERT_TRUE(rule) << text;
    EXPECT_TRUE(rule->deny);
    EXPECT_EQ(rule->id, "x");
    EXPECT_EQ(rule->device, "");
    EXPECT_TRUE(rule->dtypes.empty());
  }
}

TEST(KernelRules, RefusesMalformedText) {
  for (const char* text : {"",
                           "=",
                           "matmul",
                           "matmul=",
                           "matmul=!",
                           "=x",
                           "matmul@=x",
                           "matmul[q4_1=x",
                           "matmul]=x",
                           "matmul[q4_1]x=y",
                           "matmul[q9]=x",
                           "matmul[,]=x",
                           "matmul[a]]=x",
                           "nonsense=x",
                           "tn.=x",
                           "tn.matmul/2=x",
                           "@cpu=x",
                           "[f32]=x",
                           "[=x",
                           "!"}) {
    const auto rule = parse_kernel_rule(text);
    ASSERT_FALSE(rule) << text;
    EXPECT_EQ(rule.error().code(), ErrorCode::usage);
    EXPECT_THAT(rule.error().message(), HasSubstr("kernel rule \"" + std::string(text) + "\""));
  }
}

TEST(KernelRules, MatchesOpTypesAndDevice) {
  Maker m;
  const Graph g = m.finish(m.matmul(m.weight("w", {8, 32}, "q4_0"), m.rows(32)));
  const Node& matmul = g.nodes.back();
  const auto matches = [&](const char* text) {
    const auto rule = parse_kernel_rule(text);
    return rule && rule->matches(g, matmul, "cpu");
  };
  for (const char* text :
       {"matmul=x", "matmul[q4_0]=x", "matmul[*,f32]@cpu=x", "tn.matmul/1@cpu=x"})
    EXPECT_TRUE(matches(text)) << text;
  for (const char* text :
       {"add=x", "matmul[q4_1]=x", "matmul[*,f16]=x", "matmul@gpu=x", "matmul[*,*,*]=x"})
    EXPECT_FALSE(matches(text)) << text;
  Node absent = matmul;
  absent.in[1] = k_no_value;
  EXPECT_FALSE(parse_kernel_rule("matmul[*,f32]=x")->matches(g, absent, "cpu"));
}

}  // namespace
}  // namespace tenon
