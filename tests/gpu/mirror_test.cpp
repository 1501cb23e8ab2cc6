// Words that the mirror predicts: ops that are made of exact multiplications and additions have the
// same bits on every device.
#include <cstring>
#include <functional>
#include <random>

#include "backends/gpu/mirror/attention.hpp"
#include "backends/gpu/mirror/norms.hpp"
#include "backends/gpu/mirror/rotation.hpp"
#include "tests/conformance/kernel_test.hpp"
#include "tests/conformance/paged_cache.hpp"

namespace tenon::conformance {
namespace {

namespace mirror = gpu::mirror;

// Bits of which numbers too small to be normal are left out, as devices may flush them.
uint32_t word(float x) {
  return mirror::is_nan(x) ? 0x7fc00000u : mirror::bits_of(mirror::flushed(x));
}

void expect_words(const std::vector<float>& got, const std::vector<float>& want) {
  ASSERT_EQ(got.size(), want.size());
  int64_t different = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    if (word(got[i]) == word(want[i])) continue;
    if (++different == 1) ADD_FAILURE() << "value " << i << ": " << got[i] << " for " << want[i];
  }
  EXPECT_EQ(different, 0) << "of " << got.size();
}

// Every exponent, and the values at which formulas change.
std::vector<float> hard_values(int64_t count) {
  std::mt19937 generator(11);
  std::vector<float> x = {0.0f, -0.0f, 1e-30f, -88.0f, 104.0f, -104.0f, 1e4f, -5.5f, INFINITY};
  while (std::ssize(x) < count) {
    const auto bits = static_cast<uint32_t>(generator());
    const float any = mirror::of_bits(bits), small = std::fabs(any) < 1e3f ? any : any * 1e-35f;
    if (std::isfinite(small)) x.push_back(std::ssize(x) % 2 == 0 ? small : std::ldexp(small, 20));
  }
  for (float& v : x) v = mirror::flushed(v);
  return x;
}

class MirrorTest : public testing::Test {
 protected:
  static constexpr int64_t k_rows = 37, k_width = 1023;

  static KernelCase kernel(const char* op, const char* first = nullptr, unsigned operand = 0) {
    for (const KernelCase& c : kernel_cases(packs_under_test(), op))
      if (first == nullptr || std::string(c.in_dtype(operand)) == first) return c;
    ADD_FAILURE() << "no kernel of " << op;
    throw std::runtime_error("no kernel");
  }
  static Shape rows() { return {"f32", {k_rows, k_width}, TN_SYM_ROWS}; }

  template <class Params = tn_scale_params>
  static void check_unary(const char* op, float (*f)(float), const Params* params = nullptr) {
    const auto x = hard_values(k_rows * k_width);
    Call call(kernel(op));
    call.in(rows(), x).out(rows());
    if (params != nullptr) call.params(*params);
    ASSERT_TRUE(compute(call));
    std::vector<float> want;
    for (const float v : x) want.push_back(f(v));
    expect_words(call.result(), want);
  }

  static void check_binary(const char* op, float (*f)(float, float)) {
    const auto a = hard_values(k_rows * k_width);
    const auto b = random_values(Inputs::outliers, k_rows * k_width, 2);
    Call call(kernel(op));
    call.in(rows(), a).in(rows(), b).out(rows());
    ASSERT_TRUE(compute(call));
    std::vector<float> want;
    for (std::size_t i = 0; i < a.size(); ++i) want.push_back(f(a[i], b[i]));
    expect_words(call.result(), want);
  }

  static void check_rows(const char* op, const std::function<mirror::Row(mirror::Row)>& f,
                         const tn_norm_params* params = nullptr) {
    for (const int64_t width : k_lengths) {
      SCOPED_TRACE(width);
      const auto x = random_values(Inputs::outliers, 5 * width, 3);
      const Shape shape{"f32", {5, width}, TN_SYM_ROWS};
      Call call(kernel(op));
      call.in(shape, x).out(shape);
      if (params != nullptr) call.params(*params);
      ASSERT_TRUE(compute(call));
      std::vector<float> want;
      for (auto row = x.begin(); row != x.end(); row += width) {
        const mirror::Row y = f({row, row + width});
        want.insert(want.end(), y.begin(), y.end());
      }
      expect_words(call.result(), want);
    }
  }
};

TEST_F(MirrorTest, Silu) { check_unary(TN_OP_SILU, mirror::silu); }
TEST_F(MirrorTest, GeluTanh) { check_unary(TN_OP_GELU_TANH, mirror::gelu_tanh); }
TEST_F(MirrorTest, GeluErf) { check_unary(TN_OP_GELU_ERF, mirror::gelu_erf); }
TEST_F(MirrorTest, Softcap) {
  const tn_softcap_params params = {sizeof(params), 30.0f};
  check_unary(
      TN_OP_SOFTCAP, [](float x) { return mirror::softcap(x, 30.0f); }, &params);
}
TEST_F(MirrorTest, Swiglu) {
  check_binary(TN_OP_SWIGLU, [](float a, float b) { return mirror::silu(a) * b; });
}
TEST_F(MirrorTest, Geglu) {
  check_binary(TN_OP_GEGLU, [](float a, float b) { return mirror::gelu_tanh(a) * b; });
}

constexpr tn_norm_params k_norm = {sizeof k_norm, 1e-5f};

TEST_F(MirrorTest, RmsNorm) {
  check_rows(
      TN_OP_RMS_NORM, [](const auto& x) { return mirror::rms_norm(x, 1e-5f); }, &k_norm);
}
TEST_F(MirrorTest, LayerNorm) {
  check_rows(
      TN_OP_LAYER_NORM, [](const auto& x) { return mirror::layer_norm(x, 1e-5f); }, &k_norm);
}
TEST_F(MirrorTest, Softmax) { check_rows(TN_OP_SOFTMAX, mirror::softmax); }

TEST_F(MirrorTest, Rope) {
  constexpr int64_t k_heads = 3, k_head = 96;
  const tn_rope_params params = {sizeof params, 72, 5e5f, 0.25f, 1.1386f, 1, 8, 21};
  const std::vector<int32_t> positions = {0, 1, 63, 1000, 8191, 131071, 1000003};
  const std::vector<float> factors = random_values(Inputs::uniform, 36, 4);
  std::vector<float> divisors;
  for (const float f : factors) divisors.push_back(2.0f + f);
  const auto x = random_values(Inputs::normal, std::ssize(positions) * k_heads * k_head, 1);
  const Shape shape{"f32", {std::ssize(positions), k_heads, k_head}, TN_SYM_ROWS};
  for (const uint64_t halves : {uint64_t{0}, TN_ROPE_HALVES}) {
    Call call(kernel(TN_OP_ROPE));
    call.in(shape, x).in({"i32", {std::ssize(positions)}, TN_SYM_ROWS}, positions);
    call.in({"f32", {36}}, divisors).out(shape).params(params);
    call.features(halves | TN_ROPE_FACTORS | TN_ROPE_YARN | TN_ROPE_PARTIAL | TN_ROPE_SCALED);
    ASSERT_TRUE(compute(call));
    std::vector<float> want;
    for (std::size_t at = 0; at < x.size(); at += k_head) {
      const auto head = x.begin() + static_cast<std::ptrdiff_t>(at);
      const auto y = mirror::rope({head, head + k_head}, params, halves != 0,
                                  positions[at / (k_heads * k_head)], divisors);
      want.insert(want.end(), y.begin(), y.end());
    }
    expect_words(call.result(), want);
  }
}

// One sequence of several splits; all features, and as many rows as take either way.
class MirrorAttention : public MirrorTest, public testing::WithParamInterface<const char*> {
 protected:
  static constexpr uint32_t k_heads = 6, k_kv_heads = 2, k_dk = 64, k_dv = 80;
  static constexpr int32_t k_stored = 700, k_pages = 11;
  static constexpr int64_t k_window = 450;

  MirrorAttention() : cache_(GetParam(), k_kv_heads, k_dk, k_dv, k_pages) {
    const auto k = random_values(Inputs::normal, k_stored * k_kv_heads * k_dk, 5);
    const auto v = random_values(Inputs::normal, k_stored * k_kv_heads * k_dv, 6);
    for (int32_t position = 0; position < k_stored; ++position) {
      for (uint32_t head = 0; head < k_kv_heads; ++head) {
        const auto at = static_cast<std::size_t>(position) * k_kv_heads + head;
        const auto key = std::span(k).subspan(at * k_dk, k_dk);
        const auto value = std::span(v).subspan(at * k_dv, k_dv);
        put_key(cache_, slot(position), head, key);
        put_value(cache_, slot(position), head, value);
        keys_[head].push_back(narrow(stored(GetParam(), key)));
        values_[head].push_back(narrow(stored(GetParam(), value)));
      }
    }
  }
  static std::vector<float> narrow(const std::vector<double>& x) { return {x.begin(), x.end()}; }
  static int32_t slot(int32_t position) {
    return (k_pages - 1 - position / 64) * 64 + position % 64;
  }

  std::vector<float> run(const std::vector<float>& q, const std::vector<int32_t>& positions) {
    const int64_t n = std::ssize(positions);
    std::vector<int32_t> table;
    for (int32_t page = 0; page < k_pages; ++page) table.push_back(k_pages - 1 - page);
    Call call(kernel(TN_OP_ATTENTION, GetParam(), 1));
    call.in({"f32", {n, k_heads, k_dk}, TN_SYM_ROWS}, q)
        .state(cache_)
        .in({"i32", {n}, TN_SYM_ROWS}, positions)
        .in({"i32", {n}, TN_SYM_ROWS}, std::vector<int32_t>(positions.size(), 0))
        .in({"i32", {1, k_pages}, TN_SYM_SEQS}, table)
        .absent()
        .out({"f32", {n, k_heads, k_dv}, TN_SYM_ROWS})
        .sym(TN_SYM_END, k_stored)
        .params(
            tn_attention_params{sizeof(tn_attention_params), k_kv_heads, 0.125f, 20.0f, k_window})
        .features(TN_ATTENTION_WINDOW | TN_ATTENTION_SOFTCAP);
    EXPECT_TRUE(compute(call));
    return call.result();
  }

  std::vector<float> predict(const std::vector<float>& q, const std::vector<int32_t>& positions) {
    std::vector<float> all;
    for (std::size_t at = 0; at < positions.size() * k_heads; ++at) {
      const std::size_t head = at % k_heads / (k_heads / k_kv_heads);
      const auto end = static_cast<std::size_t>(positions[at / k_heads]) + 1;
      mirror::Visible seen{end > k_window ? end - k_window : 0, end, {}, {}};
      const auto part = [&](const auto& rows) {
        return std::vector(rows.begin() + static_cast<std::ptrdiff_t>(seen.begin),
                           rows.begin() + static_cast<std::ptrdiff_t>(seen.end));
      };
      seen.keys = part(keys_[head]);
      seen.values = part(values_[head]);
      const auto row = q.begin() + static_cast<std::ptrdiff_t>(at * k_dk);
      const auto y = mirror::attention({row, row + k_dk}, seen, k_dv, {0.125f, 20.0f, nullptr});
      all.insert(all.end(), y.begin(), y.end());
    }
    return all;
  }

  Cache cache_;
  std::vector<std::vector<float>> keys_[k_kv_heads], values_[k_kv_heads];
};

TEST_P(MirrorAttention, FewRowsAndMany) {
  std::vector<int32_t> positions = {0, 699, 255, 256, 300};
  for (int round = 0; round < 2; ++round) {
    const auto q = random_values(Inputs::normal, std::ssize(positions) * k_heads * k_dk, 7);
    expect_words(run(q, positions), predict(q, positions));
    for (int32_t p = 511; p < 520; ++p) positions.push_back(p);
  }
}

INSTANTIATE_TEST_SUITE_P(Caches, MirrorAttention, testing::Values("f32", "f16", "q8_0"));

}  // namespace
}  // namespace tenon::conformance
