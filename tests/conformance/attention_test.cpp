// tn.attention: several sequences over scattered pages, masks, caps, sinks, and grouped heads.
#include "plugins/conformance/oracle/attention.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <numeric>
#include <random>

#include "kernel_test.hpp"
#include "paged_cache.hpp"

namespace tenon::conformance {
namespace {

struct Setting {
  const char* name;
  uint64_t features;
  uint32_t heads, kv_heads, dk, dv;
  int64_t window;
  float softcap;
};

constexpr Setting k_settings[] = {
    {"one_to_one", 0, 2, 2, 64, 64, 0, 0},
    {"grouped_3", 0, 9, 3, 64, 64, 0, 0},
    {"grouped_4", 0, 8, 2, 128, 128, 0, 0},
    {"grouped_8", 0, 8, 1, 80, 48, 0, 0},
    {"window", TN_ATTENTION_WINDOW, 3, 1, 64, 64, 70, 0},
    {"short_window", TN_ATTENTION_WINDOW, 3, 1, 64, 64, 5, 0},
    {"softcap", TN_ATTENTION_SOFTCAP, 4, 2, 64, 64, 0, 3.0f},
    {"sinks", TN_ATTENTION_SINKS, 4, 2, 64, 64, 0, 0},
    {"everything", TN_ATTENTION_WINDOW | TN_ATTENTION_SOFTCAP | TN_ATTENTION_SINKS, 6, 2, 64, 64,
     100, 20.0f},
};
// Lengths of the sequences in the cache: below, at and above a page, and several pages.
// The last is three chunks of the SIMD packs and a bit: results of more than two parts are merged.
constexpr int32_t k_stored[] = {1, 63, 64, 65, 200, 331, 830};
// What a host leaves in a block table where nothing is stored: anything.
constexpr int32_t k_unused_pages[] = {-1, INT32_MIN, INT32_MAX, 24};

// One token of the step.
struct Row {
  int32_t sequence, position;
};

// A cache filled at the pages of a random table; cells that belong to nobody stay NaN.
class Scene {
 public:
  Scene(const Setting& setting, const std::string& dtype, Inputs inputs)
      : s(setting), cache(dtype, s.kv_heads, s.dk, s.dv, k_pages) {
    std::vector<int32_t> pool(k_pages);
    std::iota(pool.begin(), pool.end(), 0);
    std::shuffle(pool.begin(), pool.end(), std::mt19937(17));
    for (std::size_t i = 0; i < std::size(k_stored) * k_columns; ++i)
      table.push_back(k_unused_pages[i % std::size(k_unused_pages)]);
    for (std::size_t q = 0; q < std::size(k_stored); ++q) {
      const int32_t pages = (k_stored[q] + 63) / 64;
      for (int32_t p = 0; p < pages; ++p) {
        table[q * k_columns + static_cast<std::size_t>(p)] = pool.back();
        pool.pop_back();
      }
      fill(q, random_values(inputs, k_stored[q] * int64_t{s.kv_heads} * s.dk, seed(q)),
           random_values(inputs, k_stored[q] * int64_t{s.kv_heads} * s.dv, seed(q) + 1));
    }
    sinks = random_values(Inputs::normal, s.heads, 3);
  }

  std::span<const double> row_of(const std::vector<std::vector<double>>& all, const Row& row,
                                 uint32_t head, uint32_t width) const {
    const std::span<const double> sequence = all[static_cast<std::size_t>(row.sequence)];
    return sequence.subspan((static_cast<std::size_t>(row.position) * s.kv_heads + head) * width,
                            width);
  }

  static constexpr std::size_t k_pages = 34, k_columns = 16;
  Setting s;
  Cache cache;
  std::vector<int32_t> table;
  std::vector<std::vector<double>> keys, values;  // as stored; by sequence: position, head, channel
  std::vector<float> sinks;

 private:
  static uint32_t seed(std::size_t sequence) { return 100 + 2 * static_cast<uint32_t>(sequence); }

  void fill(std::size_t q, std::span<const float> key, std::span<const float> value) {
    keys.emplace_back(), values.emplace_back();
    for (int32_t position = 0; position < k_stored[q]; ++position) {
      const auto column = static_cast<std::size_t>(position / 64);
      const int32_t slot = table[q * k_columns + column] * 64 + position % 64;
      for (uint32_t head = 0; head < s.kv_heads; ++head) {
        put_key(cache, slot, head, key.first(s.dk));
        put_value(cache, slot, head, value.first(s.dv));
        std::ranges::copy(stored(cache.dtype, key.first(s.dk)), std::back_inserter(keys.back()));
        std::ranges::copy(stored(cache.dtype, value.first(s.dv)),
                          std::back_inserter(values.back()));
        key = key.subspan(s.dk);
        value = value.subspan(s.dv);
      }
    }
  }
};

// A chunk of the longest sequence, then tokens of all sequences in any order.
std::vector<Row> mixed_rows() {
  std::vector<Row> rows;
  for (int32_t position = 180; position < 200; ++position) rows.push_back({4, position});
  std::mt19937 generator(23);
  for (int32_t i = 0; i < 40; ++i) {
    const auto q = static_cast<int32_t>(generator() % std::size(k_stored));
    rows.push_back({q, static_cast<int32_t>(generator()) & 0x3ff});
    rows.back().position %= k_stored[q];
  }
  for (std::size_t q = 0; q < std::size(k_stored); ++q) {
    rows.push_back({static_cast<int32_t>(q), k_stored[q] - 1});
  }
  return rows;
}

class AttentionTest : public KernelTest {
 protected:
  static float scale(const Setting& s) { return 1.0f / std::sqrt(static_cast<float>(s.dk)); }

  // An empty result means that the kernel declined.
  std::optional<std::vector<float>> attend(Scene& scene, const std::vector<Row>& rows,
                                           const std::vector<float>& q) const {
    const Setting& s = scene.s;
    const int64_t tokens = std::ssize(rows), sequences = std::ssize(k_stored);
    std::vector<int32_t> positions, ids;
    for (const Row& row : rows) positions.push_back(row.position), ids.push_back(row.sequence);
    const View view = column_view(q, int64_t{s.heads} * s.dk);
    Call call(GetParam());
    call.in({"f32", {tokens, s.heads, s.dk}, TN_SYM_ROWS, {view.row_bytes, s.dk * 4, 4}},
            view.parent)
        .state(scene.cache)
        .in({"i32", {tokens}, TN_SYM_ROWS}, positions)
        .in({"i32", {tokens}, TN_SYM_ROWS}, ids)
        .in({"i32", {sequences, Scene::k_columns}, TN_SYM_SEQS}, scene.table);
    if ((s.features & TN_ATTENTION_SINKS) != 0) {
      call.in({"f32", {s.heads}}, scene.sinks);
    } else {
      call.absent();
    }
    const int32_t last = positions.empty() ? -1 : *std::ranges::max_element(positions);
    call.out({"f32", {tokens, s.heads, s.dv}, TN_SYM_ROWS}).sym(TN_SYM_END, last + 1);
    call.params(tn_attention_params{sizeof(tn_attention_params), s.kv_heads, scale(s), s.softcap,
                                    s.window});
    call.features(s.features);
    if (!compute(call)) return std::nullopt;
    return call.result();
  }

  static std::vector<double> exact(const Scene& scene, const std::vector<Row>& rows,
                                   const std::vector<float>& q) {
    const Setting& s = scene.s;
    std::vector<double> all;
    for (std::size_t at = 0; at < rows.size() * s.heads; ++at) {
      const Row& row = rows[at / s.heads];
      const auto head = static_cast<uint32_t>(at % s.heads),
                 kv_head = head / (s.heads / s.kv_heads);
      const auto first = q.begin() + static_cast<std::ptrdiff_t>(at * s.dk);
      oracle::AttentionRule rule{scale(s), s.softcap, {}};
      if ((s.features & TN_ATTENTION_SINKS) != 0) rule.sink = scene.sinks[head];
      oracle::Rows keys, values;
      for (int32_t p = 0; p <= row.position; ++p) {
        if (s.window > 0 && p <= row.position - s.window) continue;
        keys.push_back(scene.row_of(scene.keys, {row.sequence, p}, kv_head, s.dk));
        values.push_back(scene.row_of(scene.values, {row.sequence, p}, kv_head, s.dv));
      }
      const auto out = oracle::attention({first, first + s.dk}, keys, values, s.dv, rule);
      all.insert(all.end(), out.begin(), out.end());
    }
    return all;
  }

  // The oracle reads the stored values, so that a cache of 16 or 8 bits is no excuse.
  double limit() const { return GetParam().is_reference() ? 1e-12 : 1e-11; }
};

TEST_P(AttentionTest, IsExact) {
  const auto rows = mixed_rows();
  int ran = 0;
  for (const Setting& s : k_settings) {
    if (!GetParam().honours(s.features)) continue;
    double worst = 0;
    for (const Inputs inputs : {Inputs::uniform, Inputs::normal}) {
      SCOPED_TRACE(testing::Message() << s.name << " " << name_of(inputs));
      Scene scene(s, GetParam().in_dtype(1), inputs);
      const auto q = random_values(inputs, std::ssize(rows) * int64_t{s.heads} * s.dk, 1);
      const auto got = attend(scene, rows, q);
      if (!got.has_value()) continue;
      const double error = nmse(*got, exact(scene, rows, q));
      EXPECT_LE(error, limit());
      worst = std::max(worst, error);
      ++ran;
    }
    report(std::string("nmse_") + s.name, worst);
  }
  EXPECT_GT(ran, 0) << "the kernel declined every setting";
}

// A token alone, the same token in a chunk, and any part of a batch: the same bits.
TEST_P(AttentionTest, RowsDoNotDependOnTheirNeighbours) {
  const auto rows = mixed_rows();
  int ran = 0;
  for (const Setting& s : k_settings) {
    if (!GetParam().honours(s.features)) continue;
    SCOPED_TRACE(s.name);
    const int64_t width = int64_t{s.heads} * s.dk, out = int64_t{s.heads} * s.dv;
    Scene scene(s, GetParam().in_dtype(1), Inputs::normal);
    const auto q = random_values(Inputs::normal, std::ssize(rows) * width, 1);
    const auto all = attend(scene, rows, q);
    if (!all.has_value()) continue;
    ++ran;
    const auto same_part = [&](std::ptrdiff_t first, std::ptrdiff_t count) {
      const auto part = attend(scene, {rows.begin() + first, rows.begin() + first + count},
                               {q.begin() + first * width, q.begin() + (first + count) * width});
      ASSERT_TRUE(part.has_value());
      EXPECT_TRUE(std::equal(part->begin(), part->end(), all->begin() + first * out))
          << count << " rows from " << first;
    };
    for (std::ptrdiff_t row = 0; row < std::ssize(rows); ++row) same_part(row, 1);
    for (const std::ptrdiff_t count : {0, 2, 3, 7, 8, 9, 17, 33}) same_part(5, count);
  }
  EXPECT_GT(ran, 0) << "the kernel declined every setting";
}

// Values that a softmax in float could not survive without subtracting the maximum.
TEST_P(AttentionTest, SurvivesLargeScores) {
  const auto rows = mixed_rows();
  int ran = 0;
  for (const Setting& s : k_settings) {
    if (s.features != 0) continue;
    SCOPED_TRACE(s.name);
    Scene scene(s, GetParam().in_dtype(1), Inputs::normal);
    auto q = random_values(Inputs::normal, std::ssize(rows) * int64_t{s.heads} * s.dk, 1);
    for (float& x : q) x *= 1e3f;
    const auto got = attend(scene, rows, q);
    if (!got.has_value()) continue;
    ++ran;
    EXPECT_LE(nmse(*got, exact(scene, rows, q)), GetParam().is_reference() ? 1e-12 : 1e-4);
  }
  EXPECT_GT(ran, 0) << "the kernel declined every plain setting";
}

// A row that reads nothing gives 0, with sinks as well; also a row of no sequence.
TEST_P(AttentionTest, RowsThatReadNothingAreZero) {
  const std::vector<Row> rows = {{3, -1}, {-1, 10}, {3, INT32_MIN}, {-1, -1}, {7, 3}, {3, 10}};
  int ran = 0;
  for (const Setting& s : k_settings) {
    if (!GetParam().honours(s.features)) continue;
    SCOPED_TRACE(s.name);
    Scene scene(s, GetParam().in_dtype(1), Inputs::normal);
    const auto q = random_values(Inputs::normal, std::ssize(rows) * int64_t{s.heads} * s.dk, 1);
    for (const std::ptrdiff_t count : {1, 2, 6}) {  // few rows and many take different ways
      const auto got = attend(scene, {rows.begin(), rows.begin() + count},
                              {q.begin(), q.begin() + count * s.heads * s.dk});
      if (!got.has_value()) continue;
      ++ran;
      const std::ptrdiff_t empty = std::min<std::ptrdiff_t>(count, 5) * s.heads * s.dv;
      EXPECT_TRUE(std::all_of(got->begin(), got->begin() + empty, [](float y) { return y == 0; }))
          << count << " rows";
      EXPECT_TRUE(count < 6 || got->back() != 0);
    }
  }
  EXPECT_GT(ran, 0) << "the kernel declined every setting";
}

// A page that the pool has not got is a fault of the host; nothing beyond the pool may be read.
TEST_P(AttentionTest, PagesBeyondThePoolAreNotRead) {
  const auto rows = mixed_rows();
  int ran = 0;
  for (const Setting& s : k_settings) {
    if (s.features != 0) continue;
    Scene scene(s, GetParam().in_dtype(1), Inputs::normal);
    for (std::size_t i = 0; i < scene.table.size(); ++i) scene.table[i] = k_unused_pages[1 + i % 2];
    const int64_t width = int64_t{s.heads} * s.dk;
    const auto q = random_values(Inputs::normal, std::ssize(rows) * width, 1);
    for (const std::ptrdiff_t count : {std::ptrdiff_t{1}, std::ssize(rows)})
      ran += attend(scene, {rows.end() - count, rows.end()}, {q.end() - count * width, q.end()})
                 .has_value();
  }
  EXPECT_GT(ran, 0) << "the kernel declined every plain setting";
}

INSTANTIATE_TEST_SUITE_P(Packs, AttentionTest, kernels_of(TN_OP_ATTENTION), name_of_case);

}  // namespace
}  // namespace tenon::conformance
