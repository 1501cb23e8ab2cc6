// One small call of every kernel, each type of weights and caches: for checkers of memory that take a
// thousand times as long (Oclgrind). What the answers are is for other tests; here they are numbers.
#include <cmath>

#include "tests/conformance/kernel_test.hpp"
#include "tests/conformance/matmul_oracle.hpp"
#include "tests/conformance/paged_cache.hpp"

namespace tenon::conformance {
namespace {

constexpr int64_t k_rows = 3, k_width = 36;

Shape rows_of(int64_t width = k_width) { return {"f32", {k_rows, width}, TN_SYM_ROWS}; }
std::vector<float> values(int64_t n) { return random_values(Inputs::normal, n, 7); }
Call& add_input(Call& call, int64_t width = k_width) {
  return call.in(rows_of(width), values(k_rows * width));
}

class SmallShapes : public KernelTest {
 protected:
  const char* op() const { return GetParam().kernel->op; }
  bool is(const char* name) const { return std::string(op()) == name; }

  void expect_numbers(Call& call) const {
    ASSERT_TRUE(compute(call));
    for (unsigned o = 0; o < call.n_outputs(); ++o) {
      if (call.is_state(o) || GetParam().kernel->out_dtypes[o] != std::string("f32")) continue;
      for (const float y : call.result<float>(o)) ASSERT_TRUE(std::isfinite(y));
    }
  }
};

// Rows in, rows out, by the number of inputs.
class SmallRows : public SmallShapes {};
TEST_P(SmallRows, AreComputed) {
  Call call(GetParam());
  const bool narrows = GetParam().kernel->out_dtypes[0] != std::string("f32");
  for (unsigned i = 0; GetParam().kernel->in_dtypes[i] != nullptr; ++i) {
    const bool vector = i > 0 && (is(TN_OP_RMS_NORM_MUL) || (is(TN_OP_ADD_RMS_NORM) && i == 2));
    if (std::string(GetParam().in_dtype(i)) != "f32")
      call.in({GetParam().in_dtype(i), {k_rows, k_width}, TN_SYM_ROWS},
              std::vector<uint16_t>(k_rows * k_width, 0x3c00));
    else if (vector)
      call.in({"f32", {k_width}}, values(k_width));
    else
      add_input(call);
  }
  for (unsigned o = 0; GetParam().kernel->out_dtypes[o] != nullptr; ++o) {
    Shape shape = rows_of(is(TN_OP_CONCAT) ? 2 * k_width : k_width);
    if (narrows) shape.dtype = GetParam().kernel->out_dtypes[o];
    call.out(shape);
  }
  if (is(TN_OP_SCALE)) call.params(tn_scale_params{sizeof(tn_scale_params), 0.5f});
  if (is(TN_OP_SOFTCAP)) call.params(tn_softcap_params{sizeof(tn_softcap_params), 30.0f});
  const std::string name = op();
  if (name.find("norm") != std::string::npos)
    call.params(tn_norm_params{sizeof(tn_norm_params), 1e-5f});
  expect_numbers(call);
}

class SmallProducts : public SmallShapes {};
TEST_P(SmallProducts, AreComputed) {
  const std::string type = GetParam().in_dtype(0);
  const int64_t n_products = is(TN_OP_QKV_PROJ) ? 3 : 1;
  for (const int64_t tokens : {1, 5}) {
    Call call(GetParam());
    for (int64_t i = 0; i < n_products; ++i)
      call.weight({type, {17, 256}}, oracle::random_weights(type, 17 * 256, 7));
    call.in({"f32", {tokens, 256}, TN_SYM_ROWS}, values(tokens * 256));
    for (int64_t i = 0; i < n_products; ++i) call.out({"f32", {tokens, 17}, TN_SYM_ROWS});
    expect_numbers(call);
  }
}

class SmallLookUps : public SmallShapes {};
TEST_P(SmallLookUps, AreComputed) {
  const std::string type = GetParam().in_dtype(0);
  Call call(GetParam());
  if (is(TN_OP_ARGMAX)) {
    call.in({"f32", {k_rows, 300}, TN_SYM_OUT_ROWS}, values(k_rows * 300))
        .out({"i32", {k_rows}, TN_SYM_OUT_ROWS});
  } else if (is(TN_OP_ROW_GATHER)) {
    add_input(call)
        .in({"i32", {2}, TN_SYM_OUT_ROWS}, std::vector<int32_t>{2, 0})
        .out({"f32", {2, k_width}, TN_SYM_OUT_ROWS});
  } else {
    call.weight({type, {17, 256}}, oracle::random_weights(type, 17 * 256, 7))
        .in({"i32", {2}, TN_SYM_ROWS}, std::vector<int32_t>{16, 0})
        .out({"f32", {2, 256}, TN_SYM_ROWS});
  }
  expect_numbers(call);
}

class SmallRope : public SmallShapes {};
TEST_P(SmallRope, IsComputed) {
  Call call(GetParam());
  const Shape heads{"f32", {k_rows, 2, 16}, TN_SYM_ROWS};
  call.in(heads, values(k_rows * 32))
      .in({"i32", {k_rows}, TN_SYM_ROWS}, std::vector<int32_t>{0, 7, 100000})
      .in({"f32", {6}}, std::vector<float>(6, 1.5f))
      .in({"f32", {6}}, std::vector<float>(6, 2.5f))
      .in({"i32", {k_rows}, TN_SYM_ROWS}, std::vector<int32_t>{0, 1, 0})
      .out(heads)
      .params(tn_rope_params{sizeof(tn_rope_params), 12, 1e4f, 0.5f, 1.1f, 1, 2, 4})
      .features(TN_ROPE_FACTORS | TN_ROPE_SELECT | TN_ROPE_YARN | TN_ROPE_PARTIAL | TN_ROPE_SCALED);
  expect_numbers(call);
}

// Rows are written to a cache, then read from another that is full.
class SmallCaches : public SmallShapes {
 protected:
  static constexpr uint32_t k_heads = 4, k_kv_heads = 2, k_dk = 16, k_dv = 20, k_pages = 5;
  static constexpr int32_t k_stored = 270;  // more than one split

  void write() {
    Cache cache(GetParam().in_dtype(3), k_kv_heads, k_dk, k_dv, k_pages);
    Call call(GetParam());
    call.in({"f32", {k_rows, k_kv_heads, k_dk}, TN_SYM_ROWS}, values(k_rows * k_kv_heads * k_dk))
        .in({"f32", {k_rows, k_kv_heads, k_dv}, TN_SYM_ROWS}, values(k_rows * k_kv_heads * k_dv))
        .in({"i32", {k_rows}, TN_SYM_ROWS}, std::vector<int32_t>{0, 63, 319})
        .state(cache)
        .out_state(cache);
    EXPECT_TRUE(KernelRunner(call).run(Schedule::whole).ran());
  }

  // Few rows are split, many are not.
  void read(int64_t rows) {
    Cache cache(GetParam().in_dtype(1), k_kv_heads, k_dk, k_dv, k_pages);
    for (int32_t slot = 0; slot < k_stored; ++slot)
      for (uint32_t head = 0; head < k_kv_heads; ++head) {
        put_key(cache, slot, head, values(k_dk));
        put_value(cache, slot, head, values(k_dv));
      }
    const std::vector<int32_t> positions(static_cast<std::size_t>(rows), k_stored - 1);
    Call call(GetParam());
    call.in({"f32", {rows, k_heads, k_dk}, TN_SYM_ROWS}, values(rows * k_heads * k_dk))
        .state(cache)
        .in({"i32", {rows}, TN_SYM_ROWS}, positions)
        .in({"i32", {rows}, TN_SYM_ROWS}, std::vector<int32_t>(positions.size(), 0))
        .in({"i32", {1, k_pages}, TN_SYM_SEQS}, std::vector<int32_t>{0, 1, 2, 3, 4})
        .in({"f32", {k_heads}}, values(k_heads))
        .out({"f32", {rows, k_heads, k_dv}, TN_SYM_ROWS})
        .sym(TN_SYM_END, k_stored)
        .params(tn_attention_params{sizeof(tn_attention_params), k_kv_heads, 0.25f, 20.0f, 265})
        .features(TN_ATTENTION_WINDOW | TN_ATTENTION_SOFTCAP | TN_ATTENTION_SINKS);
    expect_numbers(call);
  }
};
TEST_P(SmallCaches, AreWrittenAndRead) {
  if (is(TN_OP_KV_WRITE)) return write();
  read(1);
  read(9);
}

auto kernels_of_all(std::initializer_list<const char*> ops) {
  std::vector<KernelCase> all;
  for (const char* op : ops)
    for (const KernelCase& c : kernel_cases(packs_under_test(), op)) all.push_back(c);
  return testing::ValuesIn(all);
}

INSTANTIATE_TEST_SUITE_P(Device, SmallRows,
                         kernels_of_all({TN_OP_ADD, TN_OP_ADD_RMS_NORM, TN_OP_CAST, TN_OP_CONCAT,
                                         TN_OP_COPY, TN_OP_GEGLU, TN_OP_GELU_ERF, TN_OP_GELU_TANH,
                                         TN_OP_LAYER_NORM, TN_OP_MUL, TN_OP_RMS_NORM,
                                         TN_OP_RMS_NORM_MUL, TN_OP_SCALE, TN_OP_SILU, TN_OP_SOFTCAP,
                                         TN_OP_SOFTMAX, TN_OP_SWIGLU}),
                         name_of_case);
INSTANTIATE_TEST_SUITE_P(Device, SmallProducts, kernels_of_all({TN_OP_MATMUL, TN_OP_QKV_PROJ}),
                         name_of_case);
INSTANTIATE_TEST_SUITE_P(Device, SmallLookUps,
                         kernels_of_all({TN_OP_ARGMAX, TN_OP_EMBED_ROWS, TN_OP_ROW_GATHER}),
                         name_of_case);
INSTANTIATE_TEST_SUITE_P(Device, SmallRope, kernels_of(TN_OP_ROPE), name_of_case);
INSTANTIATE_TEST_SUITE_P(Device, SmallCaches, kernels_of_all({TN_OP_KV_WRITE, TN_OP_ATTENTION}),
                         name_of_case);

}  // namespace
}  // namespace tenon::conformance
