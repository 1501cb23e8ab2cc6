// Rows of the KV cache: written, moved and read back by commands, whatever their type.
#include <numeric>

#include "vulkan_device.hpp"

namespace tenon::conformance {
namespace {

struct Cell {
  const char* dtype;
  uint32_t row_bytes;  // of 36 channels, scales included
};
constexpr uint32_t k_heads = 2, k_width = 36, k_pages = 4;
constexpr uint32_t k_page_rows = TN_PAGE_POSITIONS;

class VulkanCache : public VulkanDevice, public testing::WithParamInterface<Cell> {
 protected:
  void SetUp() override {
    VulkanDevice::SetUp();
    for (uint32_t id : {7u, 9u}) {
      tn_state_desc& s = states_.emplace_back();
      s.struct_size = sizeof s;
      s.kind = TN_STATE_KV;
      s.id = id;
      s.n_kv_heads = k_heads;
      s.dk = s.dv = k_width;
      s.dtype = host_.intern(TN_KIND_DTYPE, GetParam().dtype);
    }
    ASSERT_EQ(api_->kv_create(device_, &desc(), &kv_), TN_OK) << host_.last_error();
  }
  void TearDown() override {
    api_->kv_free(device_, kv_);
    VulkanDevice::TearDown();
  }
  const tn_kv_desc& desc() {
    desc_ = {sizeof desc_,
             0,
             static_cast<uint32_t>(states_.size()),
             sizeof(tn_state_desc),
             states_.data(),
             &n_pages_,
             1,
             k_page_rows};
    return desc_;
  }

  // Bytes of n rows as they are exchanged.
  static std::size_t bytes(uint32_t n) { return std::size_t{k_heads} * n * GetParam().row_bytes; }
  static tn_kv_rows rows(uint32_t state, uint32_t page, uint32_t first, uint32_t n,
                         std::vector<uint8_t>& k, std::vector<uint8_t>& v) {
    return {sizeof(tn_kv_rows), state, page, first, n, 0, k.data(), v.data(), k.size(), v.size()};
  }
  tn_status exchange(uint32_t type, const tn_kv_rows& r) {
    const tn_cmd_kv_rows cmd{head<tn_cmd_kv_rows>(type), kv_, &r, 1, sizeof r};
    tn_timeline* done = make_timeline();
    const tn_status status = submit(queue_, {{&cmd.head}, {}, {{done, 1}}});
    return status == TN_OK ? wait(done, 1) : status;
  }
  tn_status move(const std::vector<tn_kv_move>& moves) {
    const tn_cmd_kv_copy cmd{head<tn_cmd_kv_copy>(TN_CMD_KV_COPY), kv_, moves.data(),
                             static_cast<uint32_t>(moves.size()), 0};
    tn_timeline* done = make_timeline();
    const tn_status status = submit(queue_, {{&cmd.head}, {}, {{done, 1}}});
    return status == TN_OK ? wait(done, 1) : status;
  }
  std::vector<uint8_t> random(std::size_t n) {
    std::vector<uint8_t> all(n);
    for (uint8_t& byte : all)
      byte = static_cast<uint8_t>((seed_ = seed_ * 1103515245 + 12345) >> 16);
    return all;
  }
  // What one row of the rows r..r+n-1 holds: (heads, n) of values, then of scales.
  std::vector<uint8_t> row(const std::vector<uint8_t>& all, uint32_t n, uint32_t i) const {
    const bool scaled = std::string(GetParam().dtype) == "q8_0";
    const std::size_t value = scaled ? k_width : GetParam().row_bytes;
    const std::size_t scale = GetParam().row_bytes - value;
    std::vector<uint8_t> out;
    for (uint32_t h = 0; h < k_heads; ++h) {
      const auto at = all.begin() + static_cast<std::ptrdiff_t>((h * n + i) * value);
      out.insert(out.end(), at, at + static_cast<std::ptrdiff_t>(value));
    }
    for (uint32_t h = 0; h < k_heads; ++h) {
      const auto at =
          all.begin() + static_cast<std::ptrdiff_t>(k_heads * n * value + (h * n + i) * scale);
      out.insert(out.end(), at, at + static_cast<std::ptrdiff_t>(scale));
    }
    return out;
  }

  tn_kv* kv_ = nullptr;
  std::vector<tn_state_desc> states_;
  tn_kv_desc desc_{};
  uint64_t n_pages_ = k_pages;
  uint32_t seed_ = 1;
};

TEST_P(VulkanCache, KeepsWhatWasWritten) {
  std::vector<uint8_t> k = random(bytes(5)), v = random(bytes(5));
  ASSERT_EQ(exchange(TN_CMD_KV_WRITE, rows(9, 3, 59, 5, k, v)), TN_OK) << host_.last_error();
  std::vector<uint8_t> got_k(bytes(5)), got_v(bytes(5));
  ASSERT_EQ(exchange(TN_CMD_KV_READ, rows(9, 3, 59, 5, got_k, got_v)), TN_OK);
  EXPECT_EQ(got_k, k);
  EXPECT_EQ(got_v, v);
  ASSERT_EQ(exchange(TN_CMD_KV_READ, rows(9, 3, 60, 1, got_k, got_v)), TN_OK);
  got_k.resize(bytes(1));
  EXPECT_EQ(got_k, row(k, 5, 1));
}

// One after another, in all states of the group, within a page and from page to page.
TEST_P(VulkanCache, MovesRows) {
  std::vector<uint8_t> k[2], v[2];
  for (const uint32_t s : {0u, 1u}) {
    k[s] = random(bytes(k_page_rows));
    v[s] = random(bytes(k_page_rows));
    ASSERT_EQ(exchange(TN_CMD_KV_WRITE, rows(7 + 2 * s, 1, 0, k_page_rows, k[s], v[s])), TN_OK);
  }
  std::vector<uint32_t> order(k_page_rows);  // which row is where
  std::iota(order.begin(), order.end(), 0u);
  const std::vector<tn_kv_move> moves = {{1, 10, 1, 12, 20, 0},  // overlaps, upwards
                                         {1, 30, 1, 5, 30, 0},   // overlaps, downwards
                                         {1, 0, 2, 0, 64, 0},    // to another page,
                                         {2, 3, 1, 60, 4, 0},    // and back
                                         {1, 7, 1, 7, 3, 0}};
  for (const tn_kv_move& m : moves) {
    static std::vector<uint32_t> other;
    std::vector<uint32_t>& from = m.src_page == 1 ? order : other;
    std::vector<uint32_t>& to = m.dst_page == 1 ? order : other;
    const std::vector<uint32_t> taken(from.begin() + m.src_first, from.begin() + m.src_first + m.n);
    to.resize(k_page_rows);
    std::copy(taken.begin(), taken.end(), to.begin() + m.dst_first);
  }
  ASSERT_EQ(move(moves), TN_OK) << host_.last_error();
  std::vector<uint8_t> got_k(bytes(k_page_rows)), got_v(bytes(k_page_rows));
  for (const uint32_t s : {0u, 1u}) {
    ASSERT_EQ(exchange(TN_CMD_KV_READ, rows(7 + 2 * s, 1, 0, k_page_rows, got_k, got_v)), TN_OK);
    for (uint32_t i = 0; i < k_page_rows; ++i) {
      EXPECT_EQ(row(got_k, k_page_rows, i), row(k[s], k_page_rows, order[i])) << i;
      EXPECT_EQ(row(got_v, k_page_rows, i), row(v[s], k_page_rows, order[i])) << i;
    }
  }
}

TEST_P(VulkanCache, RefusesWhatLeavesItsPages) {
  std::vector<uint8_t> k(bytes(8)), v(bytes(8)), small(bytes(8) - 1);
  EXPECT_EQ(exchange(TN_CMD_KV_READ, rows(8, 0, 0, 8, k, v)), TN_ERR_INVALID);
  EXPECT_EQ(exchange(TN_CMD_KV_READ, rows(7, k_pages, 0, 8, k, v)), TN_ERR_INVALID);
  EXPECT_EQ(exchange(TN_CMD_KV_READ, rows(7, 0, 57, 8, k, v)), TN_ERR_INVALID);
  EXPECT_EQ(exchange(TN_CMD_KV_READ, rows(7, 0, 0, 8, small, v)), TN_ERR_INVALID);
  EXPECT_EQ(exchange(TN_CMD_KV_WRITE, rows(7, 0, 0, 8, k, small)), TN_ERR_INVALID);
  EXPECT_EQ(move({{0, 60, 1, 0, 5, 0}}), TN_ERR_INVALID);
  EXPECT_EQ(move({{0, 0, k_pages, 0, 5, 0}}), TN_ERR_INVALID);
  EXPECT_EQ(move({{0, 0, 1, 0, 5, 0}}), TN_OK);
}

TEST_P(VulkanCache, SaysWhatItWouldTake) {
  uint64_t size = 0;
  ASSERT_EQ(api_->kv_size(device_, &desc(), &size), TN_OK);
  EXPECT_GE(size, 2 * 2 * uint64_t{k_pages} * k_heads * k_page_rows * GetParam().row_bytes);
  n_pages_ = uint64_t{1} << 40;
  EXPECT_EQ(api_->kv_size(device_, &desc(), &size), TN_ERR_UNSUPPORTED);
  EXPECT_NE(host_.last_error().find("at most"), std::string::npos) << host_.last_error();
  n_pages_ = k_pages;
  states_[1].kind = 99;
  EXPECT_EQ(api_->kv_size(device_, &desc(), &size), TN_ERR_UNSUPPORTED);
}

INSTANTIATE_TEST_SUITE_P(Types, VulkanCache,
                         testing::Values(Cell{"f32", 144}, Cell{"f16", 72}, Cell{"q8_0", 40}),
                         [](const auto& row) { return std::string(row.param.dtype); });

}  // namespace
}  // namespace tenon::conformance
