// Shapes are the smallest that take each path of a kernel: rows that are no whole tiles, several
// segments, several splits of a cache.
#include <tenon/abi/ops.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <random>

#include "backends/gpu/mirror/attention.hpp"
#include "backends/gpu/mirror/matmul.hpp"
#include "backends/gpu/mirror/norms.hpp"
#include "backends/gpu/mirror/rotation.hpp"
#include "trial.hpp"

namespace tenon::gpu {
namespace {

using Role = Trial::Role;
using Values = std::vector<float>;

constexpr int64_t k_rows = 5,
                  k_width = 300;           // of ops over rows: more than the lanes of a work-group
constexpr int64_t k_in = 512, k_out = 33;  // of matrices

template <class T>
std::vector<std::byte> bytes_of(const std::vector<T>& values) {
  std::vector<std::byte> bytes(values.size() * sizeof(T));
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

template <class Params>
std::vector<std::byte> bytes_of(const Params& params) {
  std::vector<std::byte> bytes(sizeof params);
  std::memcpy(bytes.data(), &params, bytes.size());
  return bytes;
}

// Numbers of many sizes, the same on every machine.
Values numbers(int64_t n, uint32_t seed, float largest = 8.0f) {
  std::mt19937 any(seed);
  Values all;
  for (int64_t i = 0; i < n; ++i) {
    const auto word = static_cast<uint32_t>(any());
    const float part = static_cast<float>(word >> 8) / 8388608.0f - 1.0f;
    all.push_back(part * largest * std::ldexp(1.0f, -static_cast<int>(word % 6)));
  }
  return all;
}

class Maker {
 public:
  explicit Maker(std::vector<std::string> kernels) { trial_.kernels = std::move(kernels); }

  uint32_t add(Role role, const std::string& dtype, std::vector<int64_t> dims,
               std::vector<std::byte> bytes = {}) {
    trial_.operands.push_back({role, dtype, std::move(dims), std::move(bytes)});
    return static_cast<uint32_t>(trial_.operands.size() - 1);
  }
  uint32_t in(std::vector<int64_t> dims, const Values& values) {
    return add(Role::input, "f32", std::move(dims), bytes_of(values));
  }
  uint32_t in(std::vector<int64_t> dims, const std::vector<int32_t>& values) {
    return add(Role::input, "i32", std::move(dims), bytes_of(values));
  }
  uint32_t out(std::vector<int64_t> dims, const Values& values) {
    return add(Role::output, "f32", std::move(dims), bytes_of(values));
  }
  void node(const char* op, std::vector<uint32_t> in, std::vector<uint32_t> out,
            std::vector<std::byte> params = {}, uint64_t features = 0) {
    trial_.nodes.push_back({op, std::move(in), std::move(out), std::move(params), features});
  }
  const Trial& trial() const { return trial_; }

 private:
  Trial trial_;
};

template <class F>
Trial unary(const char* kernel, const char* op, const F& f, std::vector<std::byte> params = {}) {
  Maker make({kernel});
  const Values x = numbers(k_rows * k_width, 1, 20.0f);
  Values y;
  for (const float v : x) y.push_back(f(v));
  const uint32_t in = make.in({k_rows, k_width}, x);
  make.node(op, {in}, {make.out({k_rows, k_width}, y)}, std::move(params));
  return make.trial();
}

template <class F>
Trial binary(const char* kernel, const char* op, const F& f) {
  Maker make({kernel});
  const Values a = numbers(k_rows * k_width, 2), b = numbers(k_rows * k_width, 3);
  Values y;
  for (size_t i = 0; i < a.size(); ++i) y.push_back(f(a[i], b[i]));
  const uint32_t left = make.in({k_rows, k_width}, a), right = make.in({k_rows, k_width}, b);
  make.node(op, {left, right}, {make.out({k_rows, k_width}, y)});
  return make.trial();
}

template <class F>
Values each_row(const Values& x, size_t width, const F& f) {
  Values all;
  for (size_t at = 0; at < x.size(); at += width) {
    const auto row = x.begin() + static_cast<std::ptrdiff_t>(at);
    const Values y = f(Values(row, row + static_cast<std::ptrdiff_t>(width)));
    all.insert(all.end(), y.begin(), y.end());
  }
  return all;
}

template <class F>
Trial rows(const char* kernel, const char* op, const F& f, std::vector<std::byte> params = {}) {
  Maker make({kernel});
  const Values x = numbers(k_rows * k_width, 4);
  const uint32_t in = make.in({k_rows, k_width}, x);
  make.node(op, {in}, {make.out({k_rows, k_width}, each_row(x, k_width, f))}, std::move(params));
  return make.trial();
}

constexpr tn_norm_params k_norm = {sizeof k_norm, 1e-5f};

// rms_norm_mul, and add_rms_norm with the sum as another result.
Trial scaled_norm(bool adds) {
  Maker make({adds ? "add_rms_norm" : "rms_norm_mul"});
  const Values a = numbers(k_rows * k_width, 5), b = numbers(k_rows * k_width, 6);
  const Values w = numbers(k_width, 7);
  Values sum = a;
  for (size_t i = 0; adds && i < sum.size(); ++i) sum[i] = a[i] + b[i];
  const Values y = each_row(sum, k_width, [&](const Values& row) {
    Values normed = mirror::rms_norm(row, k_norm.eps);
    for (size_t i = 0; i < normed.size(); ++i) normed[i] = normed[i] * w[i];
    return normed;
  });
  std::vector<uint32_t> in = {make.in({k_rows, k_width}, a)}, out;
  if (adds) in.push_back(make.in({k_rows, k_width}, b));
  in.push_back(make.in({k_width}, w));
  if (adds) out.push_back(make.out({k_rows, k_width}, sum));
  out.push_back(make.out({k_rows, k_width}, y));
  make.node(adds ? TN_OP_ADD_RMS_NORM : TN_OP_RMS_NORM_MUL, in, out, bytes_of(k_norm));
  return make.trial();
}

Trial rope() {
  Maker make({"rope"});
  constexpr int64_t k_heads = 3, k_head = 64;
  const tn_rope_params params = {sizeof params, 48, 1e4f, 1.0f, 1.0f, 0, 0, 0};
  const std::vector<int32_t> positions = {0, 1, 77, 4095, 100000};
  const Values x = numbers(k_rows * k_heads * k_head, 8);
  size_t head = 0;
  const Values y = each_row(x, k_head, [&](const Values& row) {
    return mirror::rope(row, params, true, positions[head++ / k_heads], {});
  });
  const uint32_t in = make.in({k_rows, k_heads, k_head}, x), at = make.in({k_rows}, positions);
  make.node(TN_OP_ROPE, {in, at}, {make.out({k_rows, k_heads, k_head}, y)}, bytes_of(params),
            TN_ROPE_HALVES | TN_ROPE_PARTIAL);
  return make.trial();
}

// Any bytes that are blocks of moderate numbers.
std::vector<uint8_t> weights(const WeightType& type, int64_t n) {
  std::mt19937 any(9);
  std::vector<uint8_t> all;
  const Values singles = numbers(n, 10);
  for (int64_t at = 0; at < n; at += type.block_values) {
    std::vector<uint8_t> block(type.block_bytes);
    Values widened(type.block_values);
    const auto is_moderate = [](float v) { return std::fabs(v) < 1e3f; };
    do {
      for (uint8_t& byte : block) byte = static_cast<uint8_t>(any());
      const size_t single = type.block_bytes / type.block_values;
      for (size_t i = 0; type.is_float() && i < type.block_values; ++i) {
        uint32_t word = mirror::bits_of(singles[static_cast<size_t>(at) + i]);
        if (std::string_view(type.dtype) == "f16") word = (0x2c00u + word % 0x1800u) << 16;
        std::memcpy(&block[i * single], reinterpret_cast<const char*>(&word) + 4 - single, single);
      }
      mirror::widen(type, block.data(), type.block_values, widened.data());
    } while (!std::ranges::all_of(widened, is_moderate));
    all.insert(all.end(), block.begin(), block.end());
  }
  return all;
}

size_t row_bytes(const WeightType& type) {
  return size_t{k_in} / type.block_values * type.block_bytes;
}

Trial matmul(const WeightType& type) {
  Maker make({type.matmul});
  const std::vector<uint8_t> w = weights(type, k_out * k_in);
  const Values x = numbers(k_rows * k_in, 11);
  const Values y = each_row(x, k_in, [&](const Values& row) {
    const auto rounded = mirror::round_row(row.data(), k_in);
    Values products;
    for (size_t n = 0; n < k_out; ++n) {
      const uint8_t* of = w.data() + n * row_bytes(type);
      products.push_back(type.is_float() ? mirror::product_float(type, of, row.data(), k_in)
                                         : mirror::product_int8(type, of, rounded));
    }
    return products;
  });
  const uint32_t matrix = make.add(Role::weight, type.dtype, {k_out, k_in}, bytes_of(w));
  const uint32_t in = make.in({k_rows, k_in}, x);
  make.node(TN_OP_MATMUL, {matrix, in}, {make.out({k_rows, k_out}, y)});
  return make.trial();
}

Trial embed_rows(const WeightType& type) {
  Maker make({type.embed_rows});
  const std::vector<uint8_t> w = weights(type, k_out * k_in);
  const std::vector<int32_t> ids = {32, 0, 7};
  Values y(ids.size() * k_in);
  for (size_t i = 0; i < ids.size(); ++i)
    mirror::widen(type, w.data() + static_cast<size_t>(ids[i]) * row_bytes(type), k_in,
                  y.data() + i * k_in);
  const uint32_t table = make.add(Role::weight, type.dtype, {k_out, k_in}, bytes_of(w));
  const auto n = std::ssize(ids);
  const uint32_t in = make.in({n}, ids);
  make.node(TN_OP_EMBED_ROWS, {table, in}, {make.out({n, k_in}, y)});
  return make.trial();
}

// A row moved, widened as a matter of course: what was read must be what is there.
Trial moves() {
  Maker make({"copy", "concat", "row_gather"});
  const Values x = numbers(k_rows * k_width, 12), z = numbers(k_rows * k_width, 13);
  const uint32_t a = make.in({k_rows, k_width}, x), b = make.in({k_rows, k_width}, z);
  make.node(TN_OP_COPY, {a}, {make.out({k_rows, k_width}, x)});
  const auto row = [](const Values& of, size_t i) {
    const auto at = of.begin() + static_cast<std::ptrdiff_t>(i * k_width);
    return Values(at, at + k_width);
  };
  Values both, gathered;
  for (size_t i = 0; i < k_rows; ++i)
    for (const Values& part : {row(x, i), row(z, i)})
      both.insert(both.end(), part.begin(), part.end());
  make.node(TN_OP_CONCAT, {a, b}, {make.out({k_rows, 2 * k_width}, both)});
  for (const size_t i : {4u, 0u}) {
    const Values part = row(x, i);
    gathered.insert(gathered.end(), part.begin(), part.end());
  }
  const uint32_t ids = make.in({2}, std::vector<int32_t>{4, 0});
  make.node(TN_OP_ROW_GATHER, {a, ids}, {make.out({2, k_width}, gathered)});
  return make.trial();
}

Trial argmax() {
  Maker make({"argmax", "argmax_parts"});
  constexpr int64_t k_columns = 5000;  // two parts
  const Values x = numbers(k_rows * k_columns, 14);
  std::vector<int32_t> best;
  for (auto row = x.begin(); row != x.end(); row += k_columns)
    best.push_back(static_cast<int32_t>(std::max_element(row, row + k_columns) - row));
  const uint32_t in = make.in({k_rows, k_columns}, x);
  make.node(TN_OP_ARGMAX, {in}, {make.add(Role::output, "i32", {k_rows}, bytes_of(best))});
  return make.trial();
}

// Several parts, and blocks whose values are cut up to the end; a list behind them.
Trial top_k() {
  Maker make({"top_k", "top_k_parts"});
  constexpr int64_t k_columns = 9000, k_best = 40;
  const Values x = numbers(k_rows * k_columns, 18);
  const std::vector<int32_t> list = {8999, -1, 9000, 5};
  std::vector<int32_t> lists, ids;
  Values values;
  for (auto row = x.begin(); row != x.end(); row += k_columns) {
    std::vector<int32_t> order(k_columns);
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(),
                     [&](int32_t a, int32_t b) { return row[a] > row[b]; });
    order.resize(k_best);
    lists.insert(lists.end(), list.begin(), list.end());
    order.insert(order.end(), list.begin(), list.end());
    for (const int32_t id : order) {
      const bool there = id >= 0 && id < k_columns;
      ids.push_back(there ? id : -1);
      values.push_back(there ? row[id] : 0.0f);
    }
  }
  const int64_t width = k_best + std::ssize(list);
  const uint32_t in = make.in({k_rows, k_columns}, x);
  const uint32_t listed = make.in({k_rows, std::ssize(list)}, lists);
  const tn_top_k_params params = {sizeof params, k_best};
  make.node(TN_OP_TOP_K, {in, listed},
            {make.add(Role::output, "i32", {k_rows, width}, bytes_of(ids)),
             make.out({k_rows, width}, values)},
            bytes_of(params));
  return make.trial();
}

// Keys and values written to a cache, then read by few rows (in splits) and by many.
class AttentionTrial {
 public:
  Trial make() {
    const std::vector<int64_t> dims = {k_trial_positions, k_kv_heads, k_head};
    std::vector<int32_t> slots;
    for (int32_t p = 0; p < k_trial_positions; ++p) slots.push_back(page(p / 64) * 64 + p % 64);
    const uint32_t k = make_.in(dims, keys_), v = make_.in(dims, values_);
    const uint32_t at = make_.in({k_trial_positions}, slots);
    state_ = make_.add(Role::state, "f32", {k_kv_heads, k_head, k_head});
    make_.node(TN_OP_KV_WRITE, {k, v, at, state_}, {state_});
    attend({299, 130});
    attend({0, 1, 63, 64, 100, 255, 256, 257, 290, 299});
    return make_.trial();
  }

 private:
  static constexpr int64_t k_heads = 4, k_kv_heads = 2, k_head = 32, k_window = 280;
  static int32_t page(int32_t number) { return static_cast<int32_t>(k_trial_pages) - 1 - number; }

  static mirror::Visible visible(int32_t position, int64_t head, const Values& k, const Values& v) {
    const auto end = static_cast<size_t>(position) + 1;
    mirror::Visible seen{end > k_window ? end - k_window : 0, end, {}, {}};
    for (size_t p = seen.begin; p < end; ++p) {
      const auto row =
          static_cast<std::ptrdiff_t>(p * k_kv_heads + static_cast<size_t>(head)) * k_head;
      seen.keys.emplace_back(k.begin() + row, k.begin() + row + k_head);
      seen.values.emplace_back(v.begin() + row, v.begin() + row + k_head);
    }
    return seen;
  }

  void attend(const std::vector<int32_t>& positions) {
    const auto n = std::ssize(positions);
    const Values q = numbers(n * k_heads * k_head, 15);
    const tn_attention_params params = {sizeof params, k_kv_heads, 0.2f, 20.0f, k_window};
    size_t at = 0;
    const Values y = each_row(q, k_head, [&](const Values& row) {
      const int64_t head = static_cast<int64_t>(at % k_heads) / (k_heads / k_kv_heads);
      const auto seen = visible(positions[at++ / k_heads], head, keys_, values_);
      return mirror::attention(row, seen, k_head, {params.scale, params.softcap, nullptr});
    });
    std::vector<int32_t> table;
    for (int32_t i = 0; i < static_cast<int32_t>(k_trial_pages); ++i) table.push_back(page(i));
    const uint32_t of = make_.in({n, k_heads, k_head}, q), where = make_.in({n}, positions);
    const uint32_t ids = make_.in({n}, std::vector<int32_t>(positions.size(), 0));
    const uint32_t pages = make_.in({1, k_trial_pages}, table);
    make_.node(TN_OP_ATTENTION, {of, state_, where, ids, pages},
               {make_.out({n, k_heads, k_head}, y)}, bytes_of(params),
               TN_ATTENTION_WINDOW | TN_ATTENTION_SOFTCAP);
  }

  Maker make_{{"kv_write", "attention", "attention_split", "attention_merge"}};
  Values keys_ = numbers(k_trial_positions * k_kv_heads * k_head, 16, 2.0f);
  Values values_ = numbers(k_trial_positions * k_kv_heads * k_head, 17, 2.0f);
  uint32_t state_ = 0;
};

void add_elementwise(std::vector<Trial>& all) {
  const tn_scale_params scale = {sizeof scale, 0.3f};
  const tn_softcap_params cap = {sizeof cap, 5.0f};
  all.push_back(unary("silu", TN_OP_SILU, mirror::silu));
  all.push_back(unary("gelu_tanh", TN_OP_GELU_TANH, mirror::gelu_tanh));
  all.push_back(unary("gelu_erf", TN_OP_GELU_ERF, mirror::gelu_erf));
  const auto scaled = [](float x) { return x * 0.3f; };
  all.push_back(unary("scale", TN_OP_SCALE, scaled, bytes_of(scale)));
  const auto capped = [](float x) { return mirror::softcap(x, 5.0f); };
  all.push_back(unary("softcap", TN_OP_SOFTCAP, capped, bytes_of(cap)));
  all.push_back(binary("add", TN_OP_ADD, [](float a, float b) { return a + b; }));
  all.push_back(binary("mul", TN_OP_MUL, [](float a, float b) { return a * b; }));
  const auto swiglu = [](float a, float b) { return mirror::silu(a) * b; };
  all.push_back(binary("swiglu", TN_OP_SWIGLU, swiglu));
  const auto geglu = [](float a, float b) { return mirror::gelu_tanh(a) * b; };
  all.push_back(binary("geglu", TN_OP_GEGLU, geglu));
}

}  // namespace

std::vector<Trial> make_trials() {
  std::vector<Trial> all;
  add_elementwise(all);
  const auto rms = [](const Values& x) { return mirror::rms_norm(x, k_norm.eps); };
  const auto layer = [](const Values& x) { return mirror::layer_norm(x, k_norm.eps); };
  all.push_back(rows("rms_norm", TN_OP_RMS_NORM, rms, bytes_of(k_norm)));
  all.push_back(rows("layer_norm", TN_OP_LAYER_NORM, layer, bytes_of(k_norm)));
  all.push_back(rows("softmax", TN_OP_SOFTMAX, mirror::softmax));
  all.push_back(scaled_norm(false));
  all.push_back(scaled_norm(true));
  all.push_back(rope());
  all.push_back(moves());
  all.push_back(argmax());
  all.push_back(top_k());
  for (const WeightType& type : weight_types()) {
    all.push_back(matmul(type));
    all.push_back(embed_rows(type));
  }
  all.push_back(AttentionTrial().make());
  return all;
}

}  // namespace tenon::gpu
