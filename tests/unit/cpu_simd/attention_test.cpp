// Attention over a paged cache: right against double, and a row's bits are its own.
#include "plugins/conformance/oracle/attention.hpp"

#include <numeric>

#include "fast_kernels.hpp"
#include "plugins/conformance/metrics.hpp"
#include "tests/conformance/paged_cache.hpp"

namespace tenon::conformance {
namespace {

struct Setting {
  uint32_t heads, kv_heads, dk, dv;
  int64_t window = 0;
  float softcap = 0;
  bool sinks = false;
};
constexpr Setting k_settings[] = {
    {9, 3, 64, 64},           {4, 1, 256, 256, 300},     {8, 8, 80, 80},
    {14, 2, 64, 64},          {6, 2, 128, 96, 0, 20.0f}, {4, 2, 96, 96, 70, 0, true},
    {3, 1, 33, 17, 64, 5.0f},
};
constexpr int64_t k_lengths_of[] = {600, 70, 1, 256, 257};  // positions of each sequence
constexpr int64_t k_sequences = std::size(k_lengths_of);
constexpr int64_t k_table_width = 12;
constexpr uint64_t k_pages = 61;

// A step: rows of some sequences at some positions.
struct Step {
  std::vector<int32_t> positions, seq_ids;
  void add(int64_t sequence, int64_t first, int64_t last) {
    for (int64_t p = first; p < last; ++p) {
      seq_ids.push_back(static_cast<int32_t>(sequence));
      positions.push_back(static_cast<int32_t>(p));
    }
  }
  int64_t rows() const { return std::ssize(positions); }
  Step slice(int64_t first, int64_t count) const {
    return {rows_of(positions, first, count, 1), rows_of(seq_ids, first, count, 1)};
  }
};

Step whole_step() {
  Step step;
  for (const int64_t s : {3, 0, 1, 2, 4}) step.add(s, 0, k_lengths_of[s]);
  return step;
}

class World {
 public:
  World(const KernelCase& kernel, const Setting& s)
      : kernel_(kernel),
        s_(s),
        cache_(kernel.in_dtype(1), s.kv_heads, s.dk, s.dv, k_pages),  // all NaN
        step_(whole_step()),
        queries_(random_values(Inputs::normal, step_.rows() * s.heads * s.dk, 3)),
        sinks_(random_values(Inputs::normal, s.heads, 4)) {
    keys_ = random_values(Inputs::normal, k_sequences * 768 * s.kv_heads * s.dk, 5);
    values_ = random_values(Inputs::normal, k_sequences * 768 * s.kv_heads * s.dv, 6);
    for (int64_t i = 0; i < k_sequences * k_table_width; ++i)
      table_.push_back(static_cast<int32_t>(i * 7 % static_cast<int64_t>(k_pages)));
    fill();
  }

  const Step& step() const { return step_; }
  int64_t row_width() const { return s_.heads * s_.dv; }

  // Rows first … first+count-1 of the whole step as a step of their own.
  std::vector<float> run(int64_t first, int64_t count, Schedule schedule) {
    const Step step = step_.slice(first, count);
    const tn_attention_params p{sizeof(p), s_.kv_heads, scale(), s_.softcap, s_.window};
    const auto q = rows_of(queries_, first, count, int64_t{s_.heads} * s_.dk);
    const int32_t top = *std::max_element(step.positions.begin(), step.positions.end());
    Call call(kernel_);
    call.in({"f32", {count, s_.heads, s_.dk}, TN_SYM_ROWS}, q).state(cache_);
    call.in({"i32", {count}, TN_SYM_ROWS}, step.positions);
    call.in({"i32", {count}, TN_SYM_ROWS}, step.seq_ids);
    call.in({"i32", {k_sequences, k_table_width}, TN_SYM_SEQS}, table_);
    if (s_.sinks) call.in({"f32", {s_.heads}}, sinks_);
    call.out({"f32", {count, s_.heads, s_.dv}, TN_SYM_ROWS}).sym(TN_SYM_END, top + 1);
    call.params(p).features((s_.window > 0 ? TN_ATTENTION_WINDOW : 0) |
                            (s_.softcap > 0 ? TN_ATTENTION_SOFTCAP : 0) |
                            (s_.sinks ? TN_ATTENTION_SINKS : 0));
    return output_of(call, schedule);
  }

  std::vector<double> expected(int64_t row, uint32_t head) const {
    const auto at = static_cast<std::size_t>(row);
    const int64_t p = step_.positions[at], s = step_.seq_ids[at];
    const uint32_t kv_head = head / (s_.heads / s_.kv_heads);
    std::vector<std::vector<double>> keys, values;
    for (int64_t j = s_.window > 0 ? std::max<int64_t>(0, p - s_.window + 1) : 0; j <= p; ++j) {
      keys.push_back(stored(cache_.dtype, rows_of(keys_, cell(s, j, kv_head), 1, s_.dk)));
      values.push_back(stored(cache_.dtype, rows_of(values_, cell(s, j, kv_head), 1, s_.dv)));
    }
    oracle::AttentionRule rule{double{scale()}, double{s_.softcap}, {}};
    if (s_.sinks) rule.sink = double{sinks_[head]};
    const auto q = rows_of(queries_, row * s_.heads + head, 1, s_.dk);
    return oracle::attention({q.begin(), q.end()}, {keys.begin(), keys.end()},
                             {values.begin(), values.end()}, s_.dv, rule);
  }

 private:
  float scale() const { return 1.0f / std::sqrt(static_cast<float>(s_.dk)); }
  int64_t cell(int64_t sequence, int64_t position, uint32_t head) const {
    return (sequence * 768 + position) * s_.kv_heads + head;
  }
  void fill() {
    for (int64_t s = 0; s < k_sequences; ++s)
      for (int64_t p = 0; p < k_lengths_of[s]; ++p)
        for (uint32_t h = 0; h < s_.kv_heads; ++h) write(s, p, h);
  }
  void write(int64_t s, int64_t p, uint32_t head) {
    const int32_t page = table_[static_cast<std::size_t>(s * k_table_width + p / 64)];
    const auto slot = static_cast<int32_t>(page * 64 + p % 64);
    put_key(cache_, slot, head, rows_of(keys_, cell(s, p, head), 1, s_.dk));
    put_value(cache_, slot, head, rows_of(values_, cell(s, p, head), 1, s_.dv));
  }

  KernelCase kernel_;
  Setting s_;
  Cache cache_;
  Step step_;
  std::vector<float> queries_, sinks_, keys_, values_;
  std::vector<int32_t> table_;
};

class Attention : public testing::TestWithParam<KernelCase> {
 protected:
  static std::string label(const Setting& s) {
    return GetParam().name() + " " + std::to_string(s.heads) + "/" + std::to_string(s.kv_heads) +
           " x " + std::to_string(s.dk);
  }
};

TEST_P(Attention, MatchesDoubleWithGarbageBeyondEveryRow) {
  for (const Setting& s : k_settings) {
    World world(GetParam(), s);
    const auto y = world.run(0, world.step().rows(), Schedule::whole);
    Noise noise;
    for (int64_t row = 0; row < world.step().rows(); row += 53)
      for (uint32_t h = 0; h < s.heads; ++h)
        noise.add(rows_of(y, row * s.heads + h, 1, s.dv), world.expected(row, h));
    EXPECT_LE(noise.nmse(), 1e-12) << label(s);
  }
}

// Few rows share chunks of positions over workers, many share tiles: same bits.
TEST_P(Attention, EveryRowHasItsOwnBits) {
  for (const Setting& s : k_settings) {
    World world(GetParam(), s);
    const int64_t rows = world.step().rows();
    const auto together = world.run(0, rows, Schedule::whole);
    const auto expect_slice = [&](int64_t first, int64_t count, Schedule schedule) {
      EXPECT_TRUE(same_bits(world.run(first, count, schedule),
                            rows_of(together, first, count, world.row_width())))
          << label(s) << ": rows " << first << " + " << count;
    };
    expect_slice(0, rows, Schedule::pieces);
    for (int64_t row = 0; row < rows; row += 41) expect_slice(row, 1, Schedule::pieces);
    for (const int64_t count : {2, 4, 5, 7, 8, 9, 33, 64, 200, 600})
      expect_slice(256 + 600 - count / 2, count, Schedule::pieces);
  }
}

std::string name_of_case(const testing::TestParamInfo<KernelCase>& info) {
  return info.param.name();
}
INSTANTIATE_TEST_SUITE_P(Packs, Attention, testing::ValuesIn(fast_kernels(TN_OP_ATTENTION)),
                         name_of_case);

}  // namespace
}  // namespace tenon::conformance
