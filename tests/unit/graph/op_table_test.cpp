// The op table: one row per op of ops.h, rows that agree with themselves.
#include <fstream>
#include <set>

#include "tests/unit/graph/maker.hpp"

namespace tenon {
namespace {

// The names of ops.h, as the golden of the ABI has them: "  "TN_OP_ADD": "tn.add/1","
std::set<std::string> names_of_the_contract() {
  std::set<std::string> names;
  std::ifstream golden(TENON_ABI_GOLDEN);
  for (std::string line; std::getline(golden, line);) {
    if (line.find("\"TN_OP_") == std::string::npos) continue;
    const std::size_t first = line.find("tn.");
    names.insert(line.substr(first, line.rfind('"') - first));
  }
  return names;
}

TEST(OpTable, HasExactlyOneRowPerOpOfTheContract) {
  std::set<std::string> rows;
  for (const OpInfo& op : all_ops()) {
    EXPECT_TRUE(rows.insert(std::string(op.name)).second) << op.name;
    EXPECT_EQ(find_op(op.name), &op);
  }
  EXPECT_EQ(rows, names_of_the_contract());
}

TEST(OpTable, KnowsNoOtherName) {
  for (const char* name : {"", "tn.matmul", "matmul", "tn.matmul/2", "TN.matmul/1"})
    EXPECT_EQ(find_op(name), nullptr) << name;
}

TEST(OpTable, RowsAreComplete) {
  for (const OpInfo& op : all_ops()) {
    SCOPED_TRACE(op.name);
    EXPECT_NE(op.infer, nullptr);
    EXPECT_GE(op.n_out, 1u);
    EXPECT_EQ(op.operands.find_first_not_of("wfiasWFIAS"), std::string_view::npos);
    EXPECT_LE(op.min_in(), op.max_in());
    if (op.updates >= 0) {
      EXPECT_EQ(op.kind(static_cast<std::size_t>(op.updates)), 's');
    }
    // Only the last operands are optional.
    for (std::size_t i = op.min_in(); i < op.max_in(); ++i) EXPECT_TRUE(op.optional(i));
  }
}

// Steps are primitives of one result that read earlier operands; every hidden value is read.
TEST(OpTable, DecompositionsAreWellFormed) {
  for (const OpInfo& op : all_ops()) {
    if (!op.composite()) continue;
    SCOPED_TRACE(op.name);
    EXPECT_EQ(op.results.size(), op.n_out);
    EXPECT_EQ(op.min_in(), op.max_in());
    std::set<int> read(op.results.begin(), op.results.end());
    std::size_t with_params = 0;
    for (std::size_t s = 0; s < op.steps.size(); ++s) {
      const OpInfo* step = find_op(op.steps[s].op);
      ASSERT_NE(step, nullptr);
      EXPECT_FALSE(step->composite());
      EXPECT_EQ(step->n_out, 1u);
      std::size_t n_in = 0;
      for (const int i : op.steps[s].in) {
        if (i < 0) continue;
        ++n_in;
        read.insert(i);
        EXPECT_LT(i, static_cast<int>(op.max_in() + s));
      }
      EXPECT_EQ(n_in, step->max_in());
      EXPECT_EQ(op.steps[s].takes_params, step->params_size > 0);
      if (!op.steps[s].takes_params) continue;
      ++with_params;
      EXPECT_EQ(step->params_size, op.params_size);
    }
    EXPECT_EQ(with_params, op.params_size > 0 ? 1u : 0u);
    EXPECT_EQ(read.size(), op.max_in() + op.steps.size()) << "an operand that nobody reads";
  }
}

TEST(OpTable, LargerCompositesComeFirst) {
  std::size_t last = SIZE_MAX;
  for (const OpInfo& op : all_ops()) {
    EXPECT_LE(op.steps.size(), last) << op.name;
    last = op.steps.size();
  }
}

}  // namespace
}  // namespace tenon
