// Place rules: what is read, what is refused and where, and what they say of a graph.
#include "framework/placement/place_rules.hpp"

#include <gmock/gmock.h>

#include "tests/unit/graph/maker.hpp"

namespace tenon {
namespace {

using namespace graph_test;
using testing::ElementsAre;
using testing::HasSubstr;

std::string again(const std::string& text) {
  const auto rules = parse_place(text);
  return rules ? to_string(*rules) : rules.error().message();
}

TEST(PlaceRules, AreReadAndWrittenTheSame) {
  for (const char* text :
       {"rest=acme", "layers 0-11=acme/0, rest=other", "layers 3=acme/1, embed=b, output=c/fast",
        "nodes 7=acme/1, nodes 9-12=b, layers 0-1=acme/0, rest=other/fast"})
    EXPECT_EQ(again(text), text);
}

TEST(PlaceRules, TakeBlanksAndOneLayer) {
  EXPECT_EQ(again("  layers  0 - 11 = acme/0 ,rest=other "), "layers 0-11=acme/0, rest=other");
  EXPECT_EQ(again("layer 4=acme/0,node 3=b"), "layers 4=acme/0, nodes 3=b");
  EXPECT_EQ(again("layers 5-5=acme"), "layers 5=acme");
}

struct Malformed {
  const char* text;
  const char* says;
};
const Malformed k_malformed[] = {
    {"",
     R"(placement "", character 1: expected "layers", "embed", "output", "nodes" or "rest", found the end)"},
    {"rset=a",
     R"(character 1: expected "layers", "embed", "output", "nodes" or "rest", found "rset=a")"},
    {"rest=a, rset=b",
     R"(character 9: expected "layers", "embed", "output", "nodes" or "rest", found "rset=b")"},
    {"rest=a,",
     R"(character 8: expected "layers", "embed", "output", "nodes" or "rest", found the end)"},
    {"rest=a,,embed=b",
     R"(character 8: expected "layers", "embed", "output", "nodes" or "rest", found ",embed=b")"},
    {"Rest=a", R"(character 1: expected "layers")"},
    {"layers=a", R"(character 7: expected a number of at most 6 digits, found "=a")"},
    {"layers x=a", R"(character 8: expected a number of at most 6 digits, found "x=a")"},
    {"layers 1234567=a",
     R"(character 8: expected a number of at most 6 digits, found "1234567=a")"},
    {"layers -1=a", R"(character 8: expected a number of at most 6 digits, found "-1=a")"},
    {"layers 0-=a", R"(character 10: expected a number of at most 6 digits, found "=a")"},
    {"layers 5-3=a", R"(character 10: expected a number from 5, found "3=a")"},
    {"layers 0 11=a", R"(character 10: expected "=", found "11=a")"},
    {"rest", R"(character 5: expected "=", found the end)"},
    {"rest a", R"(character 6: expected "=", found "a")"},
    {"rest=",
     R"(character 6: expected a device by its name, as NAME or NAME/INDEX, found the end)"},
    {"rest=,embed=a", R"(character 6: expected a device by its name)"},
    {"rest=/1", R"(character 6: expected a device by its name, as NAME or NAME/INDEX, found "/1")"},
    {"rest=a/", R"(character 6: expected a device by its name, as NAME or NAME/INDEX, found "a/")"},
    {"rest=auto",
     R"(character 6: expected a device by its name, as NAME or NAME/INDEX, found "auto")"},
    {"rest=a b", R"(character 8: expected a comma or the end, found "b")"},
    {"rest=a=b", R"(character 7: expected a comma or the end, found "=b")"},
    {"rest=a, rest=b",
     R"(character 9: expected a part that no rule before has placed, found "rest=b")"},
    {"layers 0-4=a, layers 4-6=b",
     R"(character 15: expected a part that no rule before has placed, found "layers 4-6=b")"},
};

TEST(PlaceRules, RefusalsSayWhereAndWhatWasExpected) {
  for (const Malformed& m : k_malformed) {
    const auto rules = parse_place(m.text);
    ASSERT_FALSE(rules) << m.text;
    EXPECT_EQ(rules.error().code(), ErrorCode::usage);
    EXPECT_EQ(rules.error().setting(), Setting::backend);
    EXPECT_THAT(rules.error().message(), HasSubstr(m.says)) << m.text;
  }
}

// embed_rows; silu and silu of layers 0 to 2; silu of the output.
Graph layered() {
  Maker m;
  ValueId x = m.rows(8);
  for (int l = 0; l < 3; ++l) {
    m.b.scope("blk." + std::to_string(l), l);
    x = m.op(TN_OP_SILU, {m.op(TN_OP_SILU, {x})});
  }
  m.b.scope("output", -1);
  return m.finish(m.op(TN_OP_SILU, {x}));
}

Result<std::vector<std::uint32_t>> wanted(const std::string& text) {
  auto rules = parse_place(text);
  EXPECT_TRUE(rules) << rules.error().message();
  for (PlaceRule& rule : *rules) rule.target = rule.device.index.value_or(0);
  return wanted_targets(layered(), *rules);
}

TEST(PlaceRules, NameThePartsOfAGraph) {
  EXPECT_THAT(*wanted("rest=d/3"), ElementsAre(3, 3, 3, 3, 3, 3, 3, 3));
  EXPECT_THAT(*wanted("layers 0-1=d/1, rest=d/2"), ElementsAre(2, 1, 1, 1, 1, 2, 2, 2));
  EXPECT_THAT(*wanted("embed=d/1, output=d/2"), ElementsAre(1, 0, 0, 0, 0, 0, 0, 2));
  EXPECT_THAT(*wanted("rest=d/4, layer 2=d/1, output=d/2"), ElementsAre(4, 4, 4, 4, 4, 1, 1, 2));
}

TEST(PlaceRules, ANodeGoesWhereItIsToldWhateverItsLayer) {
  EXPECT_THAT(*wanted("node 2=d/5, layers 0-2=d/1, nodes 6-7=d/2"),
              ElementsAre(0, 1, 5, 1, 1, 1, 2, 2));
}

TEST(PlaceRules, WhatTheModelLacksIsRefused) {
  for (const auto& [text, says] : {std::pair("layers 0-3=d/0", "has the layers 0 to 2"),
                                   std::pair("node 8=d/0", "has the nodes 0 to 7")}) {
    const auto found = wanted(text);
    ASSERT_FALSE(found) << text;
    EXPECT_EQ(found.error().code(), ErrorCode::usage);
    EXPECT_THAT(found.error().message(), HasSubstr(says));
  }
}

TEST(PlaceRules, TheLastLayersAndTheOutputAreSplitOff) {
  const Graph graph = layered();
  const auto of = [&](std::uint32_t n) {
    return *wanted_targets(graph, split_layers(count_layers(graph), n, 7));
  };
  EXPECT_THAT(of(0), ElementsAre(7, 7, 7, 7, 7, 7, 7, 7));
  EXPECT_THAT(of(1), ElementsAre(7, 7, 7, 7, 7, 0, 0, 0));
  EXPECT_THAT(of(2), ElementsAre(7, 7, 7, 0, 0, 0, 0, 0));
  EXPECT_THAT(of(3), ElementsAre(0, 0, 0, 0, 0, 0, 0, 0));
  EXPECT_THAT(of(99), ElementsAre(0, 0, 0, 0, 0, 0, 0, 0));
}

}  // namespace
}  // namespace tenon
