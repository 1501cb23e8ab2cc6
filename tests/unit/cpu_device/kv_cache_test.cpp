// The KV cache: sizes, round trips of rows, what it refuses.
#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "tests/unit/cpu_device/open_device.hpp"

namespace tenon::test {
namespace {

class KvCacheTest : public testing::Test {
 protected:
  tn_state_desc state(const char* dtype, uint32_t id = 0, uint32_t group = 0) {
    return {sizeof(tn_state_desc), TN_STATE_KV, id, group, 3, 8, 6, device.host.id(dtype), 0, 0, 0};
  }
  // Both groups have so many pages.
  tn_kv_desc desc(const std::vector<tn_state_desc>& states, uint64_t n_pages = 5) {
    pages[0] = pages[1] = n_pages;
    return {sizeof(tn_kv_desc),
            0,
            static_cast<uint32_t>(states.size()),
            sizeof(tn_state_desc),
            states.data(),
            pages,
            2,
            64};
  }
  tn_status move(uint32_t type, tn_kv* kv, const tn_kv_rows& rows) {
    const tn_cmd_kv_rows command = {{sizeof command, type}, kv, &rows, 1, sizeof rows};
    return device.submit(command);
  }
  tn_status read(tn_kv* kv, const tn_kv_rows& rows) { return move(TN_CMD_KV_READ, kv, rows); }
  tn_status write(tn_kv* kv, const tn_kv_rows& rows) { return move(TN_CMD_KV_WRITE, kv, rows); }
  tn_status copy(tn_kv* kv, uint32_t group, const std::vector<tn_kv_move>& moves) {
    const tn_cmd_kv_copy command = {{sizeof command, TN_CMD_KV_COPY},
                                    kv,
                                    moves.data(),
                                    static_cast<uint32_t>(moves.size()),
                                    group};
    return device.submit(command);
  }

  template <class T>
  void check_round_trip(const char* dtype);

  uint64_t pages[2] = {};
  OpenDevice device;
  const tn_device_api* api = device.api;
  tn_device* dev = device.dev;
};

template <class T>
void KvCacheTest::check_round_trip(const char* dtype) {
  const std::vector<tn_state_desc> states = {state(dtype, 4), state(dtype, 7)};
  const tn_kv_desc shape = desc(states);
  tn_kv* kv = nullptr;
  ASSERT_EQ(api->kv_create(dev, &shape, &kv), TN_OK) << device.host.error();
  constexpr uint32_t n = 9, first = 50;
  std::vector<T> k(3 * n * 8), v(3 * n * 6), k_back(3 * 64 * 8), v_back(3 * 64 * 6);
  std::iota(k.begin(), k.end(), T{1});
  std::iota(v.begin(), v.end(), T{1000});
  tn_kv_rows rows = {
      sizeof rows,         7, 4, first, n, 0, k.data(), v.data(), k.size() * sizeof(T),
      v.size() * sizeof(T)};
  ASSERT_EQ(write(kv, rows), TN_OK) << device.host.error();
  rows.k = k_back.data();
  rows.v = v_back.data();
  ASSERT_EQ(read(kv, rows), TN_OK);
  EXPECT_TRUE(std::equal(k.begin(), k.end(), k_back.begin()));
  EXPECT_TRUE(std::equal(v.begin(), v.end(), v_back.begin()));
  // The whole page: the imported rows at their place, zeros around them.
  rows = {sizeof rows,
          7,
          4,
          0,
          64,
          0,
          k_back.data(),
          v_back.data(),
          k_back.size() * sizeof(T),
          v_back.size() * sizeof(T)};
  ASSERT_EQ(read(kv, rows), TN_OK);
  for (size_t head = 0; head < 3; ++head) {
    for (size_t row = 0; row < 64; ++row) {
      const bool written = row >= first && row < first + n;
      const size_t at = head * n + (row - first);
      EXPECT_EQ(k_back[(head * 64 + row) * 8 + 3], written ? k[at * 8 + 3] : T{0});
      EXPECT_EQ(v_back[(head * 64 + row) * 6 + 5], written ? v[at * 6 + 5] : T{0});
    }
  }
  rows.state = 4;  // the other state is untouched
  ASSERT_EQ(read(kv, rows), TN_OK);
  EXPECT_EQ(std::accumulate(k_back.begin(), k_back.end(), T{0}), T{0});
  api->kv_free(dev, kv);
}

TEST_F(KvCacheTest, RowsComeBackF32) { check_round_trip<float>("f32"); }
TEST_F(KvCacheTest, RowsComeBackF16) { check_round_trip<uint16_t>("f16"); }

// Values, then scales: 40 channels of k have two scales per row, 6 of v have one.
TEST_F(KvCacheTest, RowsComeBackQ8) {
  tn_state_desc one = state("q8_0");
  one.dk = 40;
  const std::vector<tn_state_desc> states = {one};
  const tn_kv_desc shape = desc(states);
  tn_kv* kv = nullptr;
  ASSERT_EQ(api->kv_create(dev, &shape, &kv), TN_OK) << device.host.error();
  constexpr size_t n = 9, heads = 3, k_row = 40 + 2 * 2, v_row = 6 + 2;
  std::vector<uint8_t> k(heads * n * k_row), v(heads * n * v_row), k_back = k, v_back = v;
  std::iota(k.begin(), k.end(), uint8_t{1});
  std::iota(v.begin(), v.end(), uint8_t{100});
  tn_kv_rows rows = {sizeof rows, 0, 4, 50, n, 0, k.data(), v.data(), k.size(), v.size()};
  ASSERT_EQ(write(kv, rows), TN_OK) << device.host.error();
  rows.k = k_back.data();
  rows.v = v_back.data();
  ASSERT_EQ(read(kv, rows), TN_OK);
  EXPECT_EQ(k, k_back);
  EXPECT_EQ(v, v_back);
  std::vector<uint8_t> part_k(heads * k_row), part_v(heads * v_row);  // the last row alone
  rows = {sizeof rows, 0, 4, 58, 1, 0, part_k.data(), part_v.data(), part_k.size(), part_v.size()};
  ASSERT_EQ(read(kv, rows), TN_OK);
  for (size_t head = 0; head < heads; ++head) {
    const size_t row = head * n + 8, scale = 2 * 2 * row, part = 2 * 2 * head;
    EXPECT_EQ(part_k[head * 40 + 39], k[row * 40 + 39]);
    EXPECT_EQ(part_k[heads * 40 + part + 3], k[heads * n * 40 + scale + 3]);
    EXPECT_EQ(part_v[heads * 6 + 2 * head], v[heads * n * 6 + 2 * row]);
  }
  api->kv_free(dev, kv);
}

TEST_F(KvCacheTest, SizeIsTheSumOfThePools) {
  const std::vector<tn_state_desc> states = {state("f32", 0), state("f16", 1), state("q8_0", 2)};
  const tn_kv_desc shape = desc(states);
  uint64_t bytes = 0;
  ASSERT_EQ(api->kv_size(dev, &shape, &bytes), TN_OK);
  EXPECT_EQ(bytes, 5u * 3 * 64 * ((8 + 6) * (4 + 2 + 1) + 2 * 2)) << "multiples of 64 all";
}

TEST_F(KvCacheTest, FarMoreThanMemoryIsReservedButNotCommitted) {
  const std::vector<tn_state_desc> states = {state("f16")};
  const tn_kv_desc shape = desc(states, uint64_t{1} << 25);  // 168 GiB
  tn_kv* kv = nullptr;
  ASSERT_EQ(api->kv_create(dev, &shape, &kv), TN_OK) << device.host.error();
  uint16_t k[24], v[18];
  const tn_kv_rows last = {sizeof last, 0, (1u << 25) - 1, 63, 1, 0, k, v, sizeof k, sizeof v};
  EXPECT_EQ(write(kv, last), TN_OK);
  api->kv_free(dev, kv);
}

TEST_F(KvCacheTest, OtherTypesAreNamed) {
  const std::vector<tn_state_desc> states = {state("f16"), state("q4_0", 1)};
  const tn_kv_desc shape = desc(states);
  tn_kv* kv = nullptr;
  EXPECT_EQ(api->kv_create(dev, &shape, &kv), TN_ERR_UNSUPPORTED);
  EXPECT_NE(device.host.error().find("q4_0"), std::string::npos);
  EXPECT_EQ(kv, nullptr);
}

TEST_F(KvCacheTest, ImpossibleShapes) {
  tn_kv* kv = nullptr;
  uint64_t bytes = 0;
  std::vector<tn_state_desc> states = {state("f32")};
  tn_kv_desc shape = desc(states, uint64_t{1} << 58);
  EXPECT_EQ(api->kv_size(dev, &shape, &bytes), TN_ERR_INVALID) << "overflow";
  shape = desc(states);
  shape.n_groups = 0;
  EXPECT_EQ(api->kv_create(dev, &shape, &kv), TN_ERR_INVALID);
  shape = desc(states);
  shape.states = nullptr;
  EXPECT_EQ(api->kv_create(dev, &shape, &kv), TN_ERR_INVALID);
  EXPECT_EQ(api->kv_create(dev, nullptr, &kv), TN_ERR_INVALID);
  states[0].dv = 0;
  shape = desc(states);
  EXPECT_EQ(api->kv_create(dev, &shape, &kv), TN_ERR_INVALID);
  EXPECT_EQ(kv, nullptr);
}

TEST_F(KvCacheTest, RowsOutsideAreRefused) {
  const std::vector<tn_state_desc> states = {state("f32", 2)};
  const tn_kv_desc shape = desc(states);
  tn_kv* kv = nullptr;
  ASSERT_EQ(api->kv_create(dev, &shape, &kv), TN_OK);
  float k[24] = {}, v[18] = {};
  const tn_kv_rows good = {sizeof good, 2, 0, 0, 1, 0, k, v, sizeof k, sizeof v};
  const auto refused = [&](auto change) {
    tn_kv_rows rows = good;
    change(rows);
    EXPECT_EQ(write(kv, rows), TN_ERR_INVALID);
    return read(kv, rows);
  };
  EXPECT_EQ(read(kv, good), TN_OK);
  EXPECT_EQ(refused([](tn_kv_rows& r) { r.state = 3; }), TN_ERR_INVALID);
  EXPECT_EQ(refused([](tn_kv_rows& r) { r.state = 1; }), TN_ERR_INVALID);
  EXPECT_EQ(refused([](tn_kv_rows& r) { r.page = 5; }), TN_ERR_INVALID);
  EXPECT_EQ(refused([](tn_kv_rows& r) { r.first = 64; }), TN_ERR_INVALID);
  EXPECT_EQ(refused([](tn_kv_rows& r) { r.n = UINT32_MAX; }), TN_ERR_INVALID);
  EXPECT_EQ(refused([](tn_kv_rows& r) { r.n = 2; }), TN_ERR_INVALID) << "too small";
  EXPECT_EQ(refused([](tn_kv_rows& r) { r.k_bytes = 95; }), TN_ERR_INVALID);
  EXPECT_EQ(refused([](tn_kv_rows& r) { r.v_bytes = 71; }), TN_ERR_INVALID);
  EXPECT_EQ(refused([](tn_kv_rows& r) { r.k = nullptr; }), TN_ERR_INVALID);
  EXPECT_EQ(refused([](tn_kv_rows& r) { r.struct_size = 4; }), TN_ERR_INVALID);
  EXPECT_EQ(read(nullptr, good), TN_ERR_INVALID);
  api->kv_free(dev, kv);
}

// What base.h says of whoever meets something that it does not know.
TEST_F(KvCacheTest, WhatIsUnknownIsDeclined) {
  const auto declined = [&](auto change) {
    std::vector<tn_state_desc> states = {state("f32")};
    tn_kv_desc shape = desc(states);
    change(shape, states[0]);
    tn_kv* kv = nullptr;
    const tn_status status = api->kv_create(dev, &shape, &kv);
    if (kv != nullptr) api->kv_free(dev, kv);
    return status;
  };
  EXPECT_EQ(declined([](tn_kv_desc&, tn_state_desc& s) { s.kind = 99; }), TN_ERR_UNSUPPORTED);
  EXPECT_EQ(declined([](tn_kv_desc&, tn_state_desc& s) { s.flags = 1; }), TN_ERR_UNSUPPORTED);
  EXPECT_EQ(declined([](tn_kv_desc&, tn_state_desc& s) { s.flags = 1 << 16; }), TN_OK) << "a hint";
  EXPECT_EQ(declined([](tn_kv_desc& d, tn_state_desc&) { d.flags = 2; }), TN_ERR_UNSUPPORTED);
  EXPECT_EQ(declined([](tn_kv_desc& d, tn_state_desc&) { d.page_positions = 16; }),
            TN_ERR_UNSUPPORTED);
  EXPECT_EQ(declined([](tn_kv_desc&, tn_state_desc& s) { s.group = 2; }), TN_ERR_INVALID);
}

// Rows of every state of a group move, those of the other group stay.
TEST_F(KvCacheTest, CopiesMoveRowsOfAGroup) {
  for (const char* dtype : {"f32", "q8_0"}) {
    const std::vector<tn_state_desc> states = {state(dtype, 0), state(dtype, 1),
                                               state(dtype, 2, 1)};
    const tn_kv_desc shape = desc(states);
    tn_kv* kv = nullptr;
    ASSERT_EQ(api->kv_create(dev, &shape, &kv), TN_OK) << device.host.error();
    const bool scaled = dtype[0] == 'q';  // int8 and a scale per row
    std::vector<uint8_t> k(3 * 64 * (scaled ? 8 + 2 : 8 * 4)), v(3 * 64 * (scaled ? 6 + 2 : 6 * 4));
    std::vector<uint8_t> k_back = k, v_back = v;
    const auto rows = [&](uint32_t id, uint32_t page, uint32_t first, uint32_t n, bool back) {
      return tn_kv_rows{sizeof(tn_kv_rows),
                        id,
                        page,
                        first,
                        n,
                        0,
                        back ? k_back.data() : k.data(),
                        back ? v_back.data() : v.data(),
                        k.size(),
                        v.size()};
    };
    std::iota(k.begin(), k.end(), uint8_t{1});
    std::iota(v.begin(), v.end(), uint8_t{7});
    for (const uint32_t id : {0u, 1u, 2u}) ASSERT_EQ(write(kv, rows(id, 1, 0, 64, false)), TN_OK);
    ASSERT_EQ(copy(kv, 0, {{1, 0, 3, 0, 64, 0}, {3, 10, 4, 20, 9, 0}}), TN_OK);
    for (const uint32_t id : {0u, 1u}) {
      ASSERT_EQ(read(kv, rows(id, 3, 0, 64, true)), TN_OK);
      EXPECT_EQ(k, k_back) << dtype;
      EXPECT_EQ(v, v_back) << dtype;
      ASSERT_EQ(read(kv, rows(id, 1, 10, 9, false)), TN_OK);
      ASSERT_EQ(read(kv, rows(id, 4, 20, 9, true)), TN_OK);
      EXPECT_TRUE(std::equal(k.begin(), k.begin() + 3 * 9 * 8, k_back.begin())) << dtype;
      EXPECT_TRUE(std::equal(v.begin(), v.begin() + 3 * 9 * 6, v_back.begin())) << dtype;
      std::iota(k.begin(), k.end(), uint8_t{1});
      std::iota(v.begin(), v.end(), uint8_t{7});
    }
    ASSERT_EQ(read(kv, rows(2, 3, 0, 64, true)), TN_OK);
    EXPECT_EQ(k_back[0], 0) << "the other group";
    EXPECT_EQ(copy(kv, 2, {{0, 0, 1, 0, 1, 0}}), TN_ERR_INVALID);
    EXPECT_EQ(copy(kv, 0, {{0, 0, 5, 0, 1, 0}}), TN_ERR_INVALID);
    EXPECT_EQ(copy(kv, 0, {{0, 60, 1, 0, 5, 0}}), TN_ERR_INVALID);
    api->kv_free(dev, kv);
  }
}

}  // namespace
}  // namespace tenon::test
