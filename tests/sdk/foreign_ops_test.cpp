// The ops of the foreign device: right answers, views, extents, and what it declines.
#include <cmath>

#include "foreign_device.hpp"
#include "plugins/conformance/metrics.hpp"
#include "plugins/conformance/oracle/matmul.hpp"
#include "plugins/conformance/oracle/random_weights.hpp"
#include "plugins/conformance/random.hpp"

namespace tenon::conformance {
namespace {

constexpr int64_t k_max_rows = 16;
constexpr const char* k_r16 = "foreign.r16/1";

class ForeignOps : public ForeignDevice {
 protected:
  void SetUp() override {
    ForeignDevice::SetUp();
    buffer_ = allocate(k_bytes);
  }
  void TearDown() override {
    if (plan_ != nullptr) api_->plan_free(device_, plan_);
    ForeignDevice::TearDown();
  }

  tn_status compile() {
    if (plan_ != nullptr) api_->plan_free(device_, plan_);
    plan_ = nullptr;
    const std::vector<int64_t> max(TN_SYM_COUNT, k_max_rows);
    const tn_compile_opts opts{sizeof opts, 0, TN_SYM_COUNT, 0, max.data()};
    return api_->compile(device_, &graph_.graph(), &opts, &plan_);
  }
  tn_cmd_execute command(const tn_binding& binding, const std::vector<int64_t>& syms) const {
    return {{sizeof(tn_cmd_execute), TN_CMD_EXECUTE}, plan_,  nullptr, &binding, syms.data(), 1,
            static_cast<uint32_t>(syms.size()),       nullptr};
  }
  void execute(int64_t rows, uint64_t base = 0) {
    const tn_binding binding{buffer_, base};
    const std::vector<int64_t> syms(TN_SYM_COUNT, rows);
    const tn_cmd_execute cmd = command(binding, syms);
    run({&cmd.head});
  }
  // w (n,k) of that type times `rows` rows of x, which start at row `first`, by a plan for at most
  // `max_rows`.
  std::vector<float> multiply(const std::string& dtype, int64_t n, int64_t k,
                              const std::vector<float>& x, int64_t first, int64_t rows,
                              const char* layout = nullptr, int64_t max_rows = k_max_rows) {
    graph_ = GraphBuilder(host_);
    tn_tensor w = graph_.describe(dtype, {n, k});
    const auto bytes = oracle::random_weights(dtype, n * k, 3);
    w.stride[0] = static_cast<int64_t>(bytes.size()) / n;
    const uint32_t a = graph_.weight(with_layout(w, layout), put(w, bytes, layout));
    const uint32_t b = graph_.tensor({max_rows, k}, 0, TN_SYM_ROWS);
    const uint32_t y = graph_.tensor({max_rows, n}, k_out, TN_SYM_ROWS);
    graph_.node(TN_OP_MATMUL, {a, b}, y);
    EXPECT_EQ(compile(), TN_OK) << host_.last_error();
    const auto at = x.begin() + first * k;
    upload(buffer_, 0, std::vector<float>(at, at + rows * k));
    execute(rows);
    return download<float>(buffer_, k_out, static_cast<std::size_t>(rows * n));
  }

  tn_tensor with_layout(tn_tensor w, const char* layout) {
    if (layout != nullptr) w.layout = host_.intern(TN_KIND_LAYOUT, layout);
    return w;
  }
  uint64_t scratch() const {
    tn_plan_info info{};
    info.struct_size = sizeof info;
    EXPECT_EQ(api_->plan_info(device_, plan_, &info), TN_OK);
    return info.scratch_bytes;
  }

  static constexpr uint64_t k_bytes = 1 << 20, k_out = 1 << 19;
  GraphBuilder graph_{host_};
  tn_buffer* buffer_ = nullptr;
  tn_plan* plan_ = nullptr;
};

// In every layout, by the kernel for many rows and by the one for one row: the same bits.
TEST_F(ForeignOps, MatmulIsExactToRoundingForEveryType) {
  for (const char* dtype : {"f32", "f16", "q4_1", "q8_0"})
    for (const int64_t k : {32, 96, 576})
      for (const int64_t n : {1, 7, 16, 33}) {
        SCOPED_TRACE(testing::Message() << dtype << " K=" << k << " N=" << n);
        const auto x = random_values(Inputs::outliers, 5 * k, 1);
        const auto y = multiply(dtype, n, k, x, 0, 5);
        const auto w = oracle::dequantize(dtype, oracle::random_weights(dtype, n * k, 3));
        const auto want = oracle::matmul({x.begin(), x.end()}, w, k);
        EXPECT_LE(nmse(y, want), 1e-11);
        EXPECT_EQ(multiply(dtype, n, k, x, 0, 5, k_r16), y);
        const std::vector<float> last(y.end() - n, y.end());
        for (const char* layout : {static_cast<const char*>(nullptr), k_r16})
          EXPECT_EQ(multiply(dtype, n, k, x, 4, 1, layout, 1), last);
      }
}

TEST_F(ForeignOps, MatmulTakesWidthsThatAreNoMultipleOfATile) {
  for (const int64_t k : {1, 15, 47}) {
    const auto x = random_values(Inputs::normal, k, 1);
    const auto many = multiply("f32", 20, k, x, 0, 1);
    EXPECT_EQ(multiply("f32", 20, k, x, 0, 1, k_r16, 1), many) << k;
  }
}

// The kernel for one row is another one: it needs no scratch.
TEST_F(ForeignOps, PlansOfOneRowHaveTheirOwnKernel) {
  const auto x = random_values(Inputs::normal, 96, 1);
  multiply("q4_1", 33, 96, x, 0, 1, k_r16);
  EXPECT_EQ(scratch(), 16 * 96 * sizeof(float));
  multiply("q4_1", 33, 96, x, 0, 1, k_r16, 1);
  EXPECT_EQ(scratch(), 0u);
}

// 3 MiB of weights: no block of the device holds them.
TEST_F(ForeignOps, WeightsAboveTheLargestBufferAreSplit) {
  const int64_t k = 576, n = 1500;
  const auto x = random_values(Inputs::normal, 3 * k, 1);
  const auto w = oracle::dequantize("f32", oracle::random_weights("f32", n * k, 3));
  const auto want = oracle::matmul({x.begin(), x.end()}, w, k);
  for (const char* layout : {static_cast<const char*>(nullptr), k_r16})
    EXPECT_LE(nmse(multiply("f32", n, k, x, 0, 3, layout), want), 1e-11);
}

TEST_F(ForeignOps, AWeightThatDoesNotFitIsOutOfMemory) {
  tn_tensor w = graph_.describe("f32", {int64_t{1} << 21, 1024});
  tn_weight_desc desc{};
  desc.struct_size = sizeof desc;
  desc.tensor = &w;
  desc.data = &w;  // not looked at
  desc.bytes = uint64_t{1} << 33;
  tn_weight* weight = nullptr;
  EXPECT_EQ(api_->weight_put(device_, &desc, &weight), TN_ERR_OOM);
  desc.bytes -= 4;
  EXPECT_EQ(api_->weight_put(device_, &desc, &weight), TN_ERR_INVALID);
  w.layout = host_.intern(TN_KIND_LAYOUT, "other/1");
  EXPECT_EQ(api_->weight_put(device_, &desc, &weight), TN_ERR_UNSUPPORTED);
  EXPECT_EQ(weight, nullptr);
}

TEST_F(ForeignOps, RowsDoNotDependOnTheirNeighbours) {
  const auto x = random_values(Inputs::normal, 9 * 576, 2);
  const auto all = multiply("q4_1", 33, 576, x, 0, 9);
  for (const int64_t first : {0, 4, 8}) {
    const auto one = multiply("q4_1", 33, 576, x, first, 1);
    EXPECT_EQ(std::memcmp(one.data(), all.data() + first * 33, 33 * sizeof(float)), 0) << first;
  }
}

TEST_F(ForeignOps, WeightsAreCopiedIn) {
  std::vector<uint8_t> bytes(4 * 4);
  const float two = 2.0f;
  for (std::size_t i = 0; i < 4; ++i) std::memcpy(&bytes[4 * i], &two, 4);
  const tn_tensor description = graph_.describe("f32", {4});
  const uint32_t w = graph_.weight(description, put(description, bytes));
  std::fill(bytes.begin(), bytes.end(), uint8_t{0xff});
  graph_.node(TN_OP_MUL, {graph_.tensor({3, 4}, 0), w}, graph_.tensor({3, 4}, k_out),
              TN_ELEMENTWISE_BROADCAST);
  ASSERT_EQ(compile(), TN_OK) << host_.last_error();
  upload(buffer_, 0, std::vector<float>(12, 1.5f));
  execute(0);
  EXPECT_EQ(download<float>(buffer_, k_out, 12), std::vector<float>(12, 3.0f));
  tn_weight_report report{};
  report.struct_size = sizeof report;
  ASSERT_EQ(api_->weights_commit(device_, &report), TN_OK);
  EXPECT_EQ(report.n_weights, 1u);
  EXPECT_EQ(report.uploaded_bytes, 16u);
  EXPECT_EQ(report.borrowed_bytes + report.packed_bytes, 0u);
}

// x (T,8) -> columns 2…5 as (T,4) -> heads (T,2,2) -> rms_norm of each head.
TEST_F(ForeignOps, FollowsViewsOfViews) {
  const uint32_t x = graph_.tensor({k_max_rows, 8}, 256, TN_SYM_ROWS);
  const uint32_t middle = graph_.view(x, {k_max_rows, 4}, {32, 4}, 8, TN_SYM_ROWS);
  const uint32_t heads = graph_.view(middle, {k_max_rows, 2, 2}, {32, 8, 4}, 0, TN_SYM_ROWS);
  const uint32_t y = graph_.tensor({k_max_rows, 2, 2}, k_out, TN_SYM_ROWS);
  const tn_norm_params params{sizeof params, 1e-6f};
  graph_.node(TN_OP_RMS_NORM, {heads}, y, 0, &params);
  ASSERT_EQ(compile(), TN_OK) << host_.last_error();
  const auto values = random_values(Inputs::normal, 3 * 8, 4);
  upload(buffer_, 256 + 512, values);  // the binding starts at 512
  execute(3, 512);
  const auto got = download<float>(buffer_, k_out + 512, 12);
  for (std::size_t t = 0; t < 3; ++t)
    for (std::size_t h = 0; h < 2; ++h) {
      const float *in = &values[t * 8 + 2 + h * 2], *out = &got[t * 4 + h * 2];
      const double rms = std::sqrt((double{in[0]} * in[0] + double{in[1]} * in[1]) / 2 + 1e-6);
      EXPECT_NEAR(out[0], in[0] / rms, 1e-6);
      EXPECT_NEAR(out[1], in[1] / rms, 1e-6);
    }
}

TEST_F(ForeignOps, ElementwiseAndNorms) {
  const int64_t n = 37;
  const uint32_t x = graph_.tensor({k_max_rows, n}, 0, TN_SYM_ROWS);
  const uint32_t row = graph_.tensor({n}, 8192);
  const auto out = [&](uint64_t i) {
    return graph_.tensor({k_max_rows, n}, k_out + i * 8192, TN_SYM_ROWS);
  };
  const tn_norm_params params{sizeof params, 0.5f};
  const tn_scale_params third{sizeof third, 0.25f};
  graph_.node(TN_OP_SILU, {x}, out(0));
  graph_.node(TN_OP_SCALE, {x}, out(4), 0, &third);
  graph_.node(TN_OP_GELU_TANH, {x}, out(5));
  graph_.node(TN_OP_ADD, {x, row}, out(1), TN_ELEMENTWISE_BROADCAST);
  graph_.node(TN_OP_MUL, {x, x}, out(2));
  graph_.node(TN_OP_RMS_NORM_MUL, {x, row}, out(3), 0, &params);
  ASSERT_EQ(compile(), TN_OK) << host_.last_error();
  const auto xs = random_values(Inputs::normal, 2 * n, 5), ws = random_values(Inputs::normal, n, 6);
  upload(buffer_, 0, xs);
  upload(buffer_, 8192, ws);
  execute(2);
  const auto got = [&](uint64_t i) { return download<float>(buffer_, k_out + i * 8192, 2 * 37); };
  const auto silu = got(0), add = got(1), mul = got(2), norm = got(3), scaled = got(4),
             gelu = got(5);
  for (std::size_t i = 0; i < xs.size(); ++i) {
    const std::size_t column = i % 37, first = i - column;
    double squares = 0;
    for (std::size_t j = first; j < first + 37; ++j) squares += double{xs[j]} * xs[j];
    EXPECT_NEAR(silu[i], xs[i] / (1 + std::exp(-double{xs[i]})), 1e-6);
    EXPECT_EQ(add[i], xs[i] + ws[column]);
    EXPECT_EQ(mul[i], xs[i] * xs[i]);
    EXPECT_EQ(scaled[i], xs[i] * 0.25f);
    const double z = xs[i];
    EXPECT_NEAR(gelu[i], z / 2 * (1 + std::tanh(std::sqrt(2 / M_PI) * (z + 0.044715 * z * z * z))),
                1e-6);
    EXPECT_NEAR(norm[i], xs[i] / std::sqrt(squares / 37 + 0.5) * ws[column], 2e-6);
  }
  const auto rest = download<float>(buffer_, k_out + 2 * 37 * 4, 1);
  EXPECT_TRUE(std::isnan(rest[0])) << "a row beyond this step was written";
}

TEST_F(ForeignOps, RowsByTheirNumbers) {
  const auto bytes = oracle::random_weights("q8_0", 40 * 32, 3);
  tn_tensor w = graph_.describe("q8_0", {40, 32});
  w.stride[0] = 34;
  const uint32_t table = graph_.weight(with_layout(w, k_r16), put(w, bytes, k_r16));
  const uint32_t ids = graph_.retype(graph_.tensor({k_max_rows}, 0, TN_SYM_ROWS), "i32");
  const uint32_t x = graph_.tensor({k_max_rows, 32}, k_out, TN_SYM_ROWS);
  graph_.node(TN_OP_EMBED_ROWS, {table, ids}, x);
  const uint32_t picked = graph_.retype(graph_.tensor({k_max_rows}, 256, TN_SYM_ROWS), "i32");
  graph_.node(TN_OP_ROW_GATHER, {x, picked},
              graph_.tensor({k_max_rows, 32}, k_out + 8192, TN_SYM_ROWS));
  ASSERT_EQ(compile(), TN_OK) << host_.last_error();
  upload(buffer_, 0, std::vector<int32_t>{39, 0, 17});
  upload(buffer_, 256, std::vector<int32_t>{2, 2, 0});
  execute(3);
  const auto values = oracle::dequantize("q8_0", bytes);
  const auto got = download<float>(buffer_, k_out, 96),
             rows = download<float>(buffer_, k_out + 8192, 96);
  for (std::size_t i = 0; i < 32; ++i) {
    EXPECT_EQ(got[i], static_cast<float>(values[39 * 32 + i]));
    EXPECT_EQ(got[32 + i], static_cast<float>(values[i]));
    EXPECT_EQ(rows[i], got[64 + i]);
    EXPECT_EQ(rows[32 + i], got[64 + i]);
    EXPECT_EQ(rows[64 + i], got[i]);
  }
}

TEST_F(ForeignOps, NoRowsIsNoWork) {
  const uint32_t x = graph_.tensor({k_max_rows, 4}, 0, TN_SYM_OUT_ROWS);
  graph_.node(TN_OP_SILU, {x}, graph_.tensor({k_max_rows, 4}, k_out, TN_SYM_OUT_ROWS));
  ASSERT_EQ(compile(), TN_OK);
  execute(0);
  EXPECT_TRUE(std::isnan(download<float>(buffer_, k_out, 1)[0]));
}

TEST_F(ForeignOps, RefusesStepsThatDoNotFit) {
  const uint32_t x = graph_.tensor({k_max_rows, 4}, 0, TN_SYM_ROWS);
  graph_.node(TN_OP_SILU, {x}, graph_.tensor({k_max_rows, 4}, k_out, TN_SYM_ROWS));
  ASSERT_EQ(compile(), TN_OK);
  tn_timeline* done = make_timeline();
  const auto refused = [&](const tn_binding& binding, const std::vector<int64_t>& syms) {
    const tn_cmd_execute cmd = command(binding, syms);
    EXPECT_EQ(submit(queue_, {{&cmd.head}, {}, {{done, 1}}}), TN_ERR_INVALID);
  };
  const std::vector<int64_t> fine(TN_SYM_COUNT, 2);
  refused({buffer_, k_bytes - k_out}, fine);  // the output is outside
  refused({buffer_, 128}, fine);              // not aligned
  refused({buffer_, UINT64_MAX - 255}, fine);
  refused({nullptr, 0}, fine);
  refused({buffer_, 0}, {});
  refused({buffer_, 0}, std::vector<int64_t>(TN_SYM_COUNT, k_max_rows + 1));
  refused({buffer_, 0}, std::vector<int64_t>(TN_SYM_COUNT, -1));
  EXPECT_EQ(query(done), 0u);
  execute(2, k_bytes - k_out - 256);
}

TEST_F(ForeignOps, RefusesTensorsThatAreNotAligned) {
  const uint32_t x = graph_.tensor({k_max_rows, 4}, 64, TN_SYM_ROWS);
  graph_.node(TN_OP_SILU, {x}, graph_.tensor({k_max_rows, 4}, k_out, TN_SYM_ROWS));
  EXPECT_EQ(compile(), TN_ERR_INVALID);
}

TEST_F(ForeignOps, DeclaresWhatItRuns) {
  const tn_op_decl* const* rows = nullptr;
  const uint32_t n = factory_->ops(&rows);
  std::vector<std::string> names;
  for (uint32_t i = 0; i < n; ++i)
    names.push_back(std::string(rows[i]->op) + " " + rows[i]->in_dtypes[0]);
  EXPECT_EQ(names, (std::vector<std::string>{
                       "tn.matmul/1 f32",       "tn.matmul/1 f16",      "tn.matmul/1 q4_1",
                       "tn.matmul/1 q8_0",      "tn.embed_rows/1 f32",  "tn.embed_rows/1 f16",
                       "tn.embed_rows/1 q4_1",  "tn.embed_rows/1 q8_0", "tn.row_gather/1 f32",
                       "tn.add/1 f32",          "tn.mul/1 f32",         "tn.scale/1 f32",
                       "tn.silu/1 f32",         "tn.gelu_tanh/1 f32",   "tn.rms_norm/1 f32",
                       "tn.rms_norm_mul/1 f32", "tn.rope/1 f32",        "tn.rope/1 f32",
                       "tn.kv_write/1 f32",     "tn.kv_write/1 f32",    "tn.attention/1 f32",
                       "tn.attention/1 f32"}));
}

TEST_F(ForeignOps, DeclinesWithAReason) {
  const uint32_t x = graph_.tensor({4, 8}, 0);
  const uint32_t columns = graph_.view(x, {8, 4}, {4, 32}, 0);
  const uint32_t just_fits = graph_.tensor({4, 65536}, 0), too_large = graph_.tensor({5, 65536}, 0);
  const uint32_t y = graph_.tensor({4, 8}, k_out);
  const auto verdict = [&](const char* op, uint32_t in, uint64_t features) {
    GraphBuilder asked = graph_;
    asked.node(op, {in}, y, features);
    const tn_tensor* tensors[] = {&graph_[in], &graph_[y]};
    const tn_node_query q{sizeof q, 1, host(), asked.graph().nodes, tensors, 1, 0};
    tn_support answer{};
    answer.struct_size = sizeof answer;
    host_.set_error("");
    EXPECT_EQ(api_->supports(device_, &q, &answer), TN_OK);
    EXPECT_EQ(answer.verdict == TN_SUPPORT_NO, !host_.last_error().empty());
    return answer.verdict;
  };
  EXPECT_EQ(verdict(TN_OP_SILU, x, 0), uint32_t{TN_SUPPORT_YES});
  EXPECT_EQ(verdict(TN_OP_SILU, columns, 0), uint32_t{TN_SUPPORT_NO});
  EXPECT_EQ(verdict(TN_OP_SILU, just_fits, 0), uint32_t{TN_SUPPORT_YES});
  EXPECT_EQ(verdict(TN_OP_SILU, too_large, 0), uint32_t{TN_SUPPORT_NO});
  EXPECT_EQ(verdict(TN_OP_SILU, x, 1u << 9), uint32_t{TN_SUPPORT_NO});
  EXPECT_EQ(verdict(TN_OP_SOFTMAX, x, 0), uint32_t{TN_SUPPORT_NO});
  graph_.node(TN_OP_SOFTMAX, {x}, y);
  EXPECT_EQ(compile(), TN_ERR_UNSUPPORTED);
  EXPECT_EQ(plan_, nullptr);
}

}  // namespace
}  // namespace tenon::conformance
