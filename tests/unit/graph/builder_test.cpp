// GraphBuilder: shape rules, operands, parameters, states, casts, and the first error.
#include <gmock/gmock.h>

#include <cstring>
#include <limits>

#include "tests/unit/graph/maker.hpp"

namespace tenon {
namespace {

using namespace graph_test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

Shape rows_of(std::int64_t width) { return make_shape({0, width}, TN_SYM_ROWS); }
Shape heads_of(std::int64_t heads, std::int64_t d) {
  return make_shape({0, heads, d}, TN_SYM_ROWS);
}

TEST(Builder, InputsHaveTheirShapesAndAreOneValueEach) {
  Maker m;
  EXPECT_EQ(m.shape(m.b.input("tokens")), make_shape({0}, TN_SYM_ROWS));
  EXPECT_EQ(m.shape(m.b.input("out_ids")), make_shape({0}, TN_SYM_OUT_ROWS));
  EXPECT_EQ(m.shape(m.b.input("block_table")), make_shape({0, 3}, TN_SYM_SEQS));
  EXPECT_EQ(m.b.input("tokens"), m.b.input("tokens"));
  EXPECT_EQ(m.b.input("pixels"), k_no_value);
  EXPECT_THAT(m.error(), HasSubstr("\"pixels\""));
}

TEST(Builder, AMissingWeightIsNoError) {
  Maker m;
  EXPECT_EQ(m.b.weight("absent"), k_no_value);
  EXPECT_TRUE(m.b.ok());
  const ValueId w = m.weight("w", {4, 4});
  EXPECT_EQ(m.b.weight("w"), w);
}

TEST(Builder, WeightsNeedPositiveExtentsOfBoundedSize) {
  constexpr std::int64_t huge = std::int64_t{1} << 30;
  for (const auto& dim : std::vector<std::vector<std::int64_t>>{
           {}, {0}, {-1, 4}, {huge, huge}, {std::numeric_limits<std::int64_t>::max(), 2}}) {
    Maker m;
    EXPECT_EQ(m.weight("w", dim), k_no_value);
    EXPECT_THAT(m.error(), HasSubstr("weight w"));
  }
}

// Every op with operands that fit; the shape of the first result.
struct GoodCase {
  const char* op;
  ValueId (*build)(Maker&);
  Shape want;
};
const std::vector<GoodCase> k_good = {
    {TN_OP_EMBED_ROWS, [](Maker& m) { return m.rows(8); }, rows_of(8)},
    {TN_OP_MATMUL,
     [](Maker& m) {
       return m.matmul(m.weight("w", {5, 8}), m.rows(8));
     },
     rows_of(5)},
    {TN_OP_ADD,
     [](Maker& m) {
       return m.op(TN_OP_ADD, {m.rows(8), m.rows(8, "u")});
     },
     rows_of(8)},
    {TN_OP_MUL,
     [](Maker& m) {
       return m.op(TN_OP_MUL, {m.rows(8), m.weight("w", {8})}, TN_ELEMENTWISE_BROADCAST);
     },
     rows_of(8)},
    {TN_OP_SCALE, [](Maker& m) { return m.op(TN_OP_SCALE, {m.rows(8)}, 0, &k_scale); }, rows_of(8)},
    {TN_OP_RMS_NORM, [](Maker& m) { return m.op(TN_OP_RMS_NORM, {m.rows(8)}, 0, &k_norm); },
     rows_of(8)},
    {TN_OP_LAYER_NORM, [](Maker& m) { return m.op(TN_OP_LAYER_NORM, {m.rows(8)}, 0, &k_norm); },
     rows_of(8)},
    {TN_OP_ROPE,
     [](Maker& m) {
       return m.op(TN_OP_ROPE, {m.view(m.rows(8), {-1, 2, 4}), m.b.input("positions")}, 0, &k_rope);
     },
     heads_of(2, 4)},
    {TN_OP_ROPE,
     [](Maker& m) {
       return m.op(TN_OP_ROPE,
                   {m.view(m.rows(8), {-1, 2, 4}), m.b.input("positions"), m.weight("f", {2})},
                   TN_ROPE_FACTORS, &k_rope);
     },
     heads_of(2, 4)},
    {TN_OP_ROPE,
     [](Maker& m) {
       return m.op(TN_OP_ROPE,
                   {m.view(m.rows(8), {-1, 2, 4}), m.b.input("positions"), m.weight("f", {2}),
                    m.weight("g", {2}), m.b.input("is_long")},
                   TN_ROPE_FACTORS | TN_ROPE_SELECT, &k_rope);
     },
     heads_of(2, 4)},
    {TN_OP_SOFTMAX, [](Maker& m) { return m.op(TN_OP_SOFTMAX, {m.rows(8)}); }, rows_of(8)},
    {TN_OP_SILU, [](Maker& m) { return m.op(TN_OP_SILU, {m.rows(8)}); }, rows_of(8)},
    {TN_OP_GELU_TANH, [](Maker& m) { return m.op(TN_OP_GELU_TANH, {m.rows(8)}); }, rows_of(8)},
    {TN_OP_GELU_ERF, [](Maker& m) { return m.op(TN_OP_GELU_ERF, {m.rows(8)}); }, rows_of(8)},
    {TN_OP_CAST,
     [](Maker& m) {
       return m.op(TN_OP_CAST, {m.weight("h", {2, 3}, "f16")});
     },
     make_shape({2, 3})},
    {TN_OP_COPY,
     [](Maker& m) {
       return m.op(TN_OP_COPY, {m.slice(m.rows(8), {-1, 4}, {8, 1}, 4)});
     },
     rows_of(4)},
    {TN_OP_CONCAT,
     [](Maker& m) {
       return m.op(TN_OP_CONCAT, {m.rows(8), m.rows(3, "u")});
     },
     rows_of(11)},
    {TN_OP_ROW_GATHER,
     [](Maker& m) {
       return m.op(TN_OP_ROW_GATHER, {m.rows(8), m.b.input("out_ids")});
     },
     make_shape({0, 8}, TN_SYM_OUT_ROWS)},
    {TN_OP_ARGMAX, [](Maker& m) { return m.op(TN_OP_ARGMAX, {m.rows(8)}); },
     make_shape({0}, TN_SYM_ROWS)},
    {TN_OP_TOP_K, [](Maker& m) { return m.op_n(TN_OP_TOP_K, {m.rows(8)}, 2, &k_top)[0]; },
     rows_of(3)},
    {TN_OP_TOP_K,
     [](Maker& m) {
       return m.op_n(TN_OP_TOP_K, {m.rows(8), m.view(m.b.input("slots"), {-1, 1})}, 2, &k_top)[1];
     },
     rows_of(4)},
    {TN_OP_KV_WRITE,
     [](Maker& m) {
       m.cache(0, {2, 4, 3});
       return m.op(TN_OP_KV_WRITE,
                   {m.view(m.rows(8), {-1, 2, 4}), m.view(m.rows(6, "v"), {-1, 2, 3}),
                    m.b.input("slots"), m.b.state(0)});
     },
     make_shape({2, 4, 3})},
    {TN_OP_ATTENTION,
     [](Maker& m) {
       m.cache(0, {2, 4, 3});
       return m.attend(0, m.view(m.rows(16, "q"), {-1, 4, 4}), m.view(m.rows(8), {-1, 2, 4}),
                       m.view(m.rows(6, "v"), {-1, 2, 3}));
     },
     heads_of(4, 3)},
    {TN_OP_RMS_NORM_MUL,
     [](Maker& m) {
       return m.op(TN_OP_RMS_NORM_MUL, {m.rows(8), m.weight("w", {8})}, 0, &k_norm);
     },
     rows_of(8)},
    {TN_OP_ADD_RMS_NORM,
     [](Maker& m) {
       return m.op_n(TN_OP_ADD_RMS_NORM, {m.rows(8), m.rows(8, "u"), m.weight("w", {8})}, 2,
                     &k_norm)[1];
     },
     rows_of(8)},
    {TN_OP_SWIGLU,
     [](Maker& m) {
       return m.op(TN_OP_SWIGLU, {m.rows(8), m.rows(8, "u")});
     },
     rows_of(8)},
    {TN_OP_GEGLU,
     [](Maker& m) {
       return m.op(TN_OP_GEGLU, {m.rows(8), m.rows(8, "u")});
     },
     rows_of(8)},
    {TN_OP_QKV_PROJ,
     [](Maker& m) {
       return m.op_n(
           TN_OP_QKV_PROJ,
           {m.weight("q", {6, 8}), m.weight("k", {4, 8}), m.weight("v", {2, 8}), m.rows(8)}, 3)[2];
     },
     rows_of(2)},
};

TEST(Builder, InfersTheShapesOfEveryOp) {
  std::map<std::string_view, int> seen;
  for (const GoodCase& c : k_good) {
    SCOPED_TRACE(c.op);
    Maker m;
    const ValueId out = c.build(m);
    ASSERT_NE(out, k_no_value) << m.error();
    EXPECT_EQ(m.shape(out), c.want) << to_string(m.shape(out));
    EXPECT_EQ(m.b.graph().nodes.back().op->name, c.op);
    ++seen[c.op];
  }
  // What has no case above takes rows of one width and gives such rows.
  for (const OpInfo& op : all_ops()) {
    if (seen.contains(op.name)) continue;
    SCOPED_TRACE(op.name);
    Maker m;
    const std::vector<std::uint32_t> params(op.params_size / 4, op.params_size);
    const ValueId out =
        m.op(op.name.data(), std::vector<ValueId>(op.min_in(), m.rows(8)), 0, params.data());
    ASSERT_NE(out, k_no_value) << m.error() << ": needs a case";
    EXPECT_EQ(m.shape(out), rows_of(8));
  }
}

// Operands that do not fit; part of the message.
struct BadCase {
  const char* why;
  void (*build)(Maker&);
};
template <class P>
P changed(P params, void (*change)(P&)) {
  change(params);
  return params;
}
void rope_with(Maker& m, std::uint64_t features, void (*change)(tn_rope_params&),
               std::vector<ValueId> more = {}) {
  const auto p = changed(k_rope, change);
  std::vector<ValueId> in = {m.view(m.rows(16), {-1, 2, 8}), m.b.input("positions")};
  in.insert(in.end(), more.begin(), more.end());
  m.op(TN_OP_ROPE, in, features, &p);
}
void rope_selecting(Maker& m, std::int64_t n_other, const char* select, std::uint64_t feature) {
  std::vector<ValueId> more = {m.weight("f", {4}), m.weight("g", {n_other})};
  if (select != nullptr) more.push_back(m.b.input(select));
  rope_with(
      m, TN_ROPE_FACTORS | feature, [](auto& p) { p.n_dims = 8; }, more);
}
void attention_with(Maker& m, std::uint64_t features, void (*change)(tn_attention_params&),
                    const char* positions = "positions", const char* table = "block_table",
                    std::vector<ValueId> sinks = {}) {
  const auto p = changed(k_attention, change);
  m.cache(0, {2, 4, 4});
  std::vector<ValueId> in = {m.view(m.rows(16), {-1, 4, 4}), m.b.state(0), m.b.input(positions),
                             m.b.input("seq_ids"), m.b.input(table)};
  in.insert(in.end(), sinks.begin(), sinks.end());
  m.op(TN_OP_ATTENTION, in, features, &p);
}
void top_of(Maker& m, ValueId x, std::uint32_t k) {
  const tn_top_k_params p = {sizeof(p), k};
  m.op_n(TN_OP_TOP_K, {x}, 2, &p);
}
void write_with(Maker& m, std::int64_t heads, std::int64_t dk, const char* slots) {
  m.cache(0, {2, 4, 4});
  m.op(TN_OP_KV_WRITE, {m.view(m.rows(heads * dk), {-1, heads, dk}),
                        m.view(m.rows(8, "v"), {-1, 2, 4}), m.b.input(slots), m.b.state(0)});
}
const std::vector<BadCase> k_bad = {
    {"tn.matmul/1: cannot multiply w (5, 7) with x (T, 8)",
     [](Maker& m) {
       m.matmul(m.weight("w", {5, 7}), m.rows(8));
     }},
    {"cannot multiply", [](Maker& m) { m.matmul(m.weight("w", {8}), m.rows(8)); }},
    {"operand 0 of type f32 does not fit", [](Maker& m) { m.matmul(m.rows(8), m.rows(8)); }},
    {"operand 1 of type q4_0 does not fit",
     [](Maker& m) {
       m.matmul(m.weight("w", {5, 32}), m.weight("x", {5, 32}, "q4_0"));
     }},
    {"operand 1 of type f32 does not fit",
     [](Maker& m) {
       m.op(TN_OP_EMBED_ROWS, {m.weight("w", {5, 8}), m.rows(8)});
     }},
    {"operand 0 of type i32 does not fit",
     [](Maker& m) { m.op(TN_OP_SILU, {m.b.input("slots")}); }},
    {"needs a matrix",
     [](Maker& m) {
       m.op(TN_OP_EMBED_ROWS, {m.weight("w", {8}), m.b.input("tokens")});
     }},
    {"needs a matrix and a vector",
     [](Maker& m) {
       m.op(TN_OP_ROW_GATHER, {m.rows(8), m.b.input("block_table")});
     }},
    {"do not fit",
     [](Maker& m) {
       m.op(TN_OP_ADD, {m.rows(8), m.rows(4, "u")});
     }},
    {"do not fit",
     [](Maker& m) {
       m.op(TN_OP_ADD, {m.rows(8), m.weight("w", {8})});
     }},
    {"do not fit",
     [](Maker& m) {
       m.op(TN_OP_MUL, {m.rows(8), m.weight("w", {4})}, TN_ELEMENTWISE_BROADCAST);
     }},
    {"do not fit",
     [](Maker& m) {
       const ValueId column = m.view(m.rows(1), {-1});
       m.op(TN_OP_MUL, {column, column}, TN_ELEMENTWISE_BROADCAST);
     }},
    {"all axes but the last",
     [](Maker& m) {
       m.op(TN_OP_CONCAT, {m.view(m.rows(8), {-1, 2, 4}), m.rows(8)});
     }},
    {"symbolic",
     [](Maker& m) {
       const ValueId column = m.view(m.rows(1), {-1});
       m.op(TN_OP_CONCAT, {column, column});
     }},
    {"needs a matrix",
     [](Maker& m) {
       m.op(TN_OP_ARGMAX, {m.view(m.rows(8), {-1, 2, 4})});
     }},
    {"cannot take 0 of 8", [](Maker& m) { top_of(m, m.rows(8), 0); }},
    {"cannot take 9 of 8", [](Maker& m) { top_of(m, m.rows(8), 9); }},
    {"cannot take 257 of 300", [](Maker& m) { top_of(m, m.rows(300), 257); }},
    {"needs a matrix",
     [](Maker& m) {
       top_of(m, m.view(m.rows(8), {-1, 2, 4}), 1);
     }},
    {"a list for each row",
     [](Maker& m) {
       m.op_n(TN_OP_TOP_K, {m.rows(8), m.b.input("block_table")}, 2, &k_top);
     }},
    {"a list for each row",
     [](Maker& m) {
       m.op_n(TN_OP_TOP_K, {m.rows(8), m.b.input("slots")}, 2, &k_top);
     }},
    {"one position per row",
     [](Maker& m) {
       m.op(TN_OP_ROPE, {m.rows(8), m.b.input("positions")}, 0, &k_rope);
     }},
    {"one position per row",
     [](Maker& m) {
       m.op(TN_OP_ROPE, {m.view(m.rows(8), {-1, 2, 4}), m.b.input("out_ids")}, 0, &k_rope);
     }},
    {"cannot rotate 0", [](Maker& m) { rope_with(m, 0, [](auto& p) { p.n_dims = 0; }); }},
    {"cannot rotate 3", [](Maker& m) { rope_with(m, 0, [](auto& p) { p.n_dims = 3; }); }},
    {"cannot rotate 10 of 8", [](Maker& m) { rope_with(m, 0, [](auto& p) { p.n_dims = 10; }); }},
    {"feature bits", [](Maker& m) { rope_with(m, 0, [](auto& p) { p.n_dims = 4; }); }},
    {"feature bits",
     [](Maker& m) { rope_with(m, TN_ROPE_FACTORS, [](auto& p) { p.n_dims = 8; }); }},
    {"feature bits",
     [](Maker& m) { rope_with(m, 0, [](auto& p) { p.n_dims = 8; }, {m.weight("f", {4})}); }},
    {"factors (5) do not fit",
     [](Maker& m) {
       rope_with(m, TN_ROPE_FACTORS, [](auto& p) { p.n_dims = 8; }, {m.weight("f", {5})});
     }},
    {"factors (5) do not fit", [](Maker& m) { rope_selecting(m, 5, "is_long", TN_ROPE_SELECT); }},
    {"one choice per row", [](Maker& m) { rope_selecting(m, 4, "out_ids", TN_ROPE_SELECT); }},
    {"one choice per row", [](Maker& m) { rope_selecting(m, 4, nullptr, TN_ROPE_SELECT); }},
    {"feature bits", [](Maker& m) { rope_selecting(m, 4, "is_long", 0); }},
    {"feature bits",
     [](Maker& m) {
       rope_with(m, TN_ROPE_FACTORS | TN_ROPE_SELECT, [](auto& p) { p.n_dims = 8; },
                 {m.weight("f", {4})});
     }},
    {"feature bits",
     [](Maker& m) { rope_with(m, 0, [](auto& p) { p.n_dims = 8, p.magnitude = 2; }); }},
    {"feature bits",
     [](Maker& m) { rope_with(m, 0, [](auto& p) { p.n_dims = 8, p.yarn_extrapolation = 1; }); }},
    {"do not fit the cache", [](Maker& m) { write_with(m, 3, 4, "slots"); }},
    {"do not fit the cache", [](Maker& m) { write_with(m, 2, 5, "slots"); }},
    {"do not fit the cache", [](Maker& m) { write_with(m, 2, 4, "out_ids"); }},
    {"do not fit the cache", [](Maker& m) { write_with(m, 2, 4, "block_table"); }},
    {"does not fit the cache",
     [](Maker& m) { attention_with(m, 0, [](auto& p) { p.n_kv_heads = 0; }); }},
    {"does not fit the cache",
     [](Maker& m) { attention_with(m, 0, [](auto& p) { p.n_kv_heads = 4; }); }},
    {"a position and a sequence",
     [](Maker& m) {
       attention_with(
           m, 0, [](auto&) {}, "out_ids");
     }},
    {"block table",
     [](Maker& m) {
       attention_with(
           m, 0, [](auto&) {}, "positions", "tokens");
     }},
    {"feature bits", [](Maker& m) { attention_with(m, 0, [](auto& p) { p.window = 5; }); }},
    {"feature bits",
     [](Maker& m) { attention_with(m, TN_ATTENTION_WINDOW, [](auto& p) { p.window = -5; }); }},
    {"feature bits", [](Maker& m) { attention_with(m, 0, [](auto& p) { p.softcap = 5; }); }},
    {"feature bits", [](Maker& m) { attention_with(m, TN_ATTENTION_SINKS, [](auto&) {}); }},
    {"one sink per head",
     [](Maker& m) {
       attention_with(m, TN_ATTENTION_SINKS, [](auto&) {}, "positions", "block_table",
                      {m.weight("sinks", {3})});
     }},
    {"operand 1 of type f32",
     [](Maker& m) {
       m.op(TN_OP_ATTENTION,
            {m.view(m.rows(16), {-1, 4, 4}), m.rows(8), m.b.input("positions"),
             m.b.input("seq_ids"), m.b.input("block_table")},
            0, &k_attention);
     }},
    {"operand 0 of type f16",
     [](Maker& m) {
       m.cache(0, {2, 4, 4}), m.op(TN_OP_SILU, {m.b.state(0)});
     }},
    {"operand 0 of type f16",
     [](Maker& m) {
       m.cache(0, {2, 4, 4}), m.op(TN_OP_CAST, {m.b.state(0)});
     }},
    {"is not declared", [](Maker& m) { m.b.state(7); }},
    {"does not fit",
     [](Maker& m) {
       m.matmul(m.slice(m.weight("w", {4, 16}), {4, 8}, {16, 1}, 0), m.rows(8));
     }},
};

TEST(Builder, RefusesOperandsThatDoNotFit) {
  for (std::size_t i = 0; i < k_bad.size(); ++i) {
    Maker m;
    k_bad[i].build(m);
    EXPECT_THAT(m.error(), HasSubstr(k_bad[i].why)) << "case " << i;
  }
}

TEST(Builder, CompositesInferWhatTheirPartsInfer) {
  Maker m;
  m.op(TN_OP_SWIGLU, {m.rows(8), m.rows(4, "u")});
  EXPECT_THAT(m.error(), HasSubstr("tn.mul/1: shapes (T, 8) and (T, 4)"));
}

TEST(Builder, RefusesUnknownOpsAndWrongCounts) {
  Maker unknown;
  unknown.op("tn.nonsense/1", {});
  EXPECT_THAT(unknown.error(), HasSubstr("\"tn.nonsense/1\""));
  for (const OpInfo& op : all_ops())
    for (const std::size_t n : {std::size_t{0}, op.min_in() - 1, op.max_in() + 1}) {
      Maker m;
      const std::vector<ValueId> in(n, m.rows(8));
      std::vector<ValueId> out(op.n_out);
      EXPECT_FALSE(m.b.op(std::string(op.name), 0, &k_rope, in, out)) << op.name << " " << n;
      EXPECT_THAT(m.error(), HasSubstr("wrong number of operands"));
    }
  Maker outs;
  EXPECT_EQ(outs.op_n(TN_OP_SILU, {outs.rows(8)}, 2)[0], k_no_value);
  EXPECT_THAT(outs.error(), HasSubstr("wrong number of operands"));
}

TEST(Builder, ParametersMustBeThereAndLargeEnough) {
  for (const OpInfo& op : all_ops()) {
    if (op.params_size == 0) continue;
    const std::array<std::uint32_t, 16> small = {op.params_size - 4};
    for (const void* params :
         {static_cast<const void*>(nullptr), static_cast<const void*>(&small)}) {
      Maker m;
      const std::vector<ValueId> in(op.min_in(), m.rows(8));
      std::vector<ValueId> out(op.n_out);
      EXPECT_FALSE(m.b.op(std::string(op.name), 0, params, in, out));
      EXPECT_THAT(m.error(), HasSubstr("params are too small")) << op.name;
    }
  }
}

// A newer plugin appends fields: a kernel may know them even if the host does not.
TEST(Builder, LongerParametersAreKeptWhole) {
  struct Newer {
    tn_norm_params known{sizeof(Newer), 1e-5f};
    std::uint64_t more = 77;
  } const newer;
  Maker m;
  m.op(TN_OP_RMS_NORM, {m.rows(8)}, 0, &newer);
  const auto& kept = m.b.graph().nodes.back().params;
  ASSERT_EQ(kept.size(), sizeof(newer));
  EXPECT_EQ(std::memcmp(kept.data(), &newer, sizeof(newer)), 0);

  const std::uint32_t absurd = 1u << 30;
  m.op(TN_OP_RMS_NORM, {m.rows(8)}, 0, &absurd);
  EXPECT_THAT(m.error(), HasSubstr("params are too large"));
}

// A bit that the host does not know may change what the op means: the shapes it infers, the
// decomposition it falls back to.
TEST(Builder, UnknownFeatureBitsAreRefused) {
  for (const OpInfo& op : all_ops()) {
    const std::uint64_t unknown = ~op.features & (op.features + 1);
    Maker m;
    const std::vector<ValueId> in(op.min_in(), m.rows(8));
    std::vector<ValueId> out(op.n_out);
    EXPECT_FALSE(m.b.op(std::string(op.name), unknown, &k_rope, in, out)) << op.name;
    EXPECT_THAT(m.error(), HasSubstr("unknown feature bits"));
  }
}

TEST(Builder, TheFirstErrorIsKeptWithItsScope) {
  Maker m;
  const ValueId x = m.rows(8);
  m.b.scope("blk.3", 3);
  m.matmul(m.weight("w", {5, 7}), x);
  m.b.scope("later", 4);
  m.op("tn.nonsense/1", {x});
  EXPECT_EQ(m.b.input("tokens"), k_no_value);
  EXPECT_EQ(m.b.weight("w"), k_no_value);
  EXPECT_EQ(m.b.state(0), k_no_value);
  EXPECT_EQ(m.view(x, {-1, 2, 4}), k_no_value);
  EXPECT_FALSE(m.b.output("logits", x));
  EXPECT_THAT(m.error(), StartsWith("blk.3: tn.matmul/1: cannot multiply"));
}

TEST(Builder, SlotsAndBlockTablesAreThoseOfTheGroupOfTheState) {
  Maker m;
  for (const std::uint32_t group : {0u, 1u, 2u}) m.cache(group, {2, 4, 4}, group);
  const ValueId x = m.rows(8), heads = m.view(x, {-1, 2, 4});
  std::vector<ValueId> mixed;
  for (const std::uint32_t state : {1u, 0u, 2u})
    mixed.push_back(m.attend(state, heads, heads, heads));
  const Graph& g = m.b.graph();
  std::vector<std::string> slots, tables;
  for (const Node& n : g.nodes) {
    if (n.op->name == TN_OP_KV_WRITE) slots.push_back(g.values[n.in[2]].name);
    if (n.op->name == TN_OP_ATTENTION) tables.push_back(g.values[n.in[4]].name);
    if (n.op->name != TN_OP_ATTENTION) continue;
    EXPECT_EQ(g.values[n.in[2]].name, "positions");
    EXPECT_EQ(g.values[n.in[3]].name, "seq_ids");
  }
  EXPECT_THAT(slots, ElementsAre("slots.1", "slots", "slots.2"));
  EXPECT_THAT(tables, ElementsAre("block_table.1", "block_table", "block_table.2"));
  EXPECT_EQ(g.values[g.inputs.at("block_table.2")].shape,
            g.values[g.inputs.at("block_table")].shape);
}

TEST(Builder, NodesAreNamedByScopeAndLayer) {
  Maker m;
  m.b.scope("blk.3", 3);
  const ValueId x = m.rows(8);
  m.b.scope("", -1);
  m.op(TN_OP_SILU, {x});
  const auto& nodes = m.b.graph().nodes;
  EXPECT_EQ(nodes[0].name, "blk.3.embed_rows");
  EXPECT_EQ(nodes[0].layer, 3u);
  EXPECT_EQ(nodes[1].name, "silu");
  EXPECT_EQ(nodes[1].layer, TN_NONE);
}

TEST(Builder, SmallFloatWeightsAreCastButMatricesAreNot) {
  for (const char* dtype : {"f16", "bf16"}) {
    Maker m;
    const ValueId w = m.weight("norm", {8}, dtype);
    m.op(TN_OP_MUL, {m.matmul(m.weight("w", {8, 8}, dtype), m.rows(8)), w},
         TN_ELEMENTWISE_BROADCAST);
    const Graph& g = m.b.graph();
    EXPECT_EQ(ops_of(g.nodes), "embed_rows matmul cast mul");
    EXPECT_EQ(g.nodes[2].in[0], w);
    EXPECT_EQ(g.nodes[3].in[1], g.nodes[2].out[0]);
    EXPECT_EQ(g.values[g.nodes[2].out[0]].dtype->name, "f32");
  }
}

TEST(Builder, AttentionReadsTheStateThatKvWriteMade) {
  Maker m;
  m.cache(5, {2, 4, 4});
  const ValueId x = m.view(m.rows(8), {-1, 2, 4});
  m.attend(5, x, x, x);
  const Graph& g = m.b.graph();
  const Node &write = g.nodes[1], &attend = g.nodes[2];
  EXPECT_EQ(write.out[0], attend.in[1]);
  const Value& kept = g.values[write.out[0]];
  EXPECT_EQ(kept.kind, ValueKind::state);
  EXPECT_EQ(kept.layer, 5u);
  EXPECT_EQ(kept.dtype->name, "f16");
  EXPECT_EQ(g.root_of(write.out[0]), write.in[3]);
  EXPECT_EQ(m.b.state(5), write.in[3]);
}

TEST(Builder, ResultsAreBounded) {
  Maker m;
  const std::int64_t wide = k_max_row_elements;
  const ValueId x = m.slice(m.rows(1), {-1, wide, 1}, {1, 0, 1}, 0);
  ASSERT_NE(x, k_no_value);
  m.op(TN_OP_CONCAT, {x, x});
  EXPECT_THAT(m.error(), HasSubstr("too large"));
}

TEST(Builder, OutputsAreComputedDenseAndFloat) {
  const std::vector<ValueId (*)(Maker&)> bad = {
      [](Maker& m) {
        return m.weight("w", {4, 4});
      },
      [](Maker& m) { return m.b.input("tokens"); },
      [](Maker& m) { return m.op(TN_OP_ARGMAX, {m.rows(8)}); },
      [](Maker& m) {
        return m.slice(m.rows(8), {-1, 4}, {8, 1}, 0);
      },
      [](Maker& m) {
        return m.view(m.weight("w", {4, 4}), {2, 8});
      },
      [](Maker& m) {
        return m.cache(0, {2, 4, 4}), m.b.state(0);
      },
  };
  for (std::size_t i = 0; i < bad.size(); ++i) {
    Maker m;
    EXPECT_FALSE(m.b.output("logits", bad[i](m))) << i;
    EXPECT_THAT(m.error(), HasSubstr("output \"logits\"")) << i;
  }
  Maker none;
  none.rows(8);
  EXPECT_THAT(none.error(), HasSubstr("no output"));
  Maker good;
  EXPECT_TRUE(good.b.output("logits", good.view(good.rows(8), {-1, 2, 4})));
  EXPECT_EQ(good.error(), "");
}

}  // namespace
}  // namespace tenon
