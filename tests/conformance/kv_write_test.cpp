// tn.kv_write: every cell of every slot as rounded, and not one byte besides.
#include <algorithm>
#include <numeric>
#include <random>

#include "kernel_test.hpp"
#include "paged_cache.hpp"

namespace tenon::conformance {
namespace {

struct Geometry {
  uint32_t heads, dk, dv;
};
constexpr Geometry k_geometries[] = {{3, 64, 64}, {1, 128, 96}, {2, 80, 32}, {4, 16, 20}};
constexpr uint64_t k_pages = 4;

class KvWriteTest : public KernelTest {
 protected:
  static std::vector<int32_t> distinct_slots(int64_t count) {
    std::vector<int32_t> slots(k_pages * 64);
    std::iota(slots.begin(), slots.end(), 0);
    std::shuffle(slots.begin(), slots.end(), std::mt19937(5));
    slots.resize(static_cast<std::size_t>(count));
    return slots;
  }

  // Rows of k and v lie in wider tensors, as slices of one projection would.
  RunReport write(Cache& cache, const std::vector<float>& k, const std::vector<float>& v,
                  const std::vector<int32_t>& slots, Schedule schedule) const {
    const int64_t tokens = std::ssize(slots), heads = cache.kv.n_kv_heads;
    const int64_t dk = cache.kv.dk, dv = cache.kv.dv;
    const View keys = column_view(k, heads * dk), values = column_view(v, heads * dv);
    Call call(GetParam());
    call.in({"f32", {tokens, heads, dk}, TN_SYM_ROWS, {keys.row_bytes, dk * 4, 4}}, keys.parent)
        .in({"f32", {tokens, heads, dv}, TN_SYM_ROWS, {values.row_bytes, dv * 4, 4}}, values.parent)
        .in({"i32", {tokens}, TN_SYM_ROWS}, slots)
        .state(cache)
        .out_state(cache);
    return KernelRunner(call).run(schedule);
  }
};

// The cache as it must be: rows written one by one into untouched tiles.
void expect_cells(Cache& cache, const std::vector<float>& k, const std::vector<float>& v,
                  const std::vector<int32_t>& slots) {
  const tn_cpu_kv& kv = cache.kv;
  Cache want(cache.dtype, kv.n_kv_heads, kv.dk, kv.dv, k_pages);
  std::span<const float> keys(k), values(v);
  for (const int32_t slot : slots) {
    const bool stored = slot >= 0 && slot < static_cast<int32_t>(k_pages * 64);
    for (uint32_t head = 0; head < kv.n_kv_heads; ++head) {
      if (stored) put_key(want, slot, head, keys.first(kv.dk));
      if (stored) put_value(want, slot, head, values.first(kv.dv));
      keys = keys.subspan(kv.dk);
      values = values.subspan(kv.dv);
    }
  }
  EXPECT_TRUE(std::equal(want.keys.data(), want.keys.data() + want.keys.size(), cache.keys.data()));
  EXPECT_TRUE(
      std::equal(want.values.data(), want.values.data() + want.values.size(), cache.values.data()));
}

TEST_P(KvWriteTest, WritesTheCellsOfItsSlotsOnly) {
  int ran = 0;
  for (const Geometry& g : k_geometries) {
    for (const int64_t tokens : k_row_counts) {
      SCOPED_TRACE(testing::Message() << g.heads << " heads of " << g.dk << ", " << tokens);
      const auto k = random_values(Inputs::outliers, tokens * g.heads * g.dk, 1);
      const auto v = random_values(Inputs::normal, tokens * g.heads * g.dv, 2);
      const auto slots = distinct_slots(tokens);
      for (const Schedule schedule : {Schedule::whole, Schedule::pieces}) {
        Cache cache(GetParam().in_dtype(3), g.heads, g.dk, g.dv, k_pages);
        const RunReport run = write(cache, k, v, slots, schedule);
        ASSERT_EQ(run.fault, "");
        if (run.declined) continue;
        ++ran;
        expect_cells(cache, k, v, slots);
      }
    }
  }
  EXPECT_GT(ran, 0) << "the kernel declined every geometry";
}

// Rows without a slot are padding; one beyond the pool is a fault of the host, never a write.
TEST_P(KvWriteTest, RowsWithoutASlotAreNotStored) {
  int ran = 0;
  for (const Geometry& g : k_geometries) {
    std::vector<int32_t> slots = distinct_slots(40);
    slots[0] = slots[17] = -1;
    slots[18] = INT32_MIN;
    slots[19] = INT32_MAX;
    slots[39] = k_pages * 64;
    const auto k = random_values(Inputs::normal, 40 * g.heads * g.dk, 1);
    const auto v = random_values(Inputs::normal, 40 * g.heads * g.dv, 2);
    Cache cache(GetParam().in_dtype(3), g.heads, g.dk, g.dv, k_pages);
    const RunReport run = write(cache, k, v, slots, Schedule::pieces);
    ASSERT_EQ(run.fault, "");
    if (run.declined) continue;
    ++ran;
    expect_cells(cache, k, v, slots);
  }
  EXPECT_GT(ran, 0) << "the kernel declined every geometry";
}

// A q8_0 row of zeros, of values too small and too large for a scale, and with a NaN: read back,
// they are zeros or no numbers, never a plausible value.
TEST_P(KvWriteTest, RowsBeyondTheScaleOfQ8) {
  if (std::string(GetParam().in_dtype(3)) != "q8_0") return;
  struct Row {
    float first;
    bool finite;
  };
  for (const Row& row : {Row{0, true}, Row{1e-8f, true}, Row{1e9f, false}, Row{NAN, false}}) {
    std::vector<float> k(32, 0.0f);
    k[5] = row.first;
    Cache cache("q8_0", 1, 32, 32, k_pages);
    ASSERT_EQ(write(cache, k, k, {0}, Schedule::whole).fault, "");
    uint16_t scale;
    std::memcpy(&scale, cache.keys.data() + 64 * 32, 2);
    const double stored = oracle::f16(scale) * static_cast<int8_t>(cache.keys.data()[5 * 64]);
    EXPECT_EQ(std::isfinite(stored), row.finite) << row.first << " became " << stored;
    if (row.finite) {
      EXPECT_EQ(stored, 0);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Packs, KvWriteTest, kernels_of(TN_OP_KV_WRITE), name_of_case);

}  // namespace
}  // namespace tenon::conformance
