// The cache of the foreign device: what is stored, read, moved and exchanged, and by attention.
#include <cmath>

#include "foreign_device.hpp"
#include "plugins/conformance/metrics.hpp"
#include "plugins/conformance/oracle/attention.hpp"
#include "plugins/conformance/oracle/half.hpp"
#include "plugins/conformance/oracle/rope.hpp"
#include "plugins/conformance/random.hpp"

namespace tenon::conformance {
namespace {

constexpr uint32_t k_heads = 2, k_width = 8, k_state = 5;
constexpr int64_t k_rows = 100;  // positions, over two pages
constexpr std::size_t k_row = k_heads * k_width;

class ForeignCache : public ForeignDevice {
 protected:
  void SetUp() override {
    ForeignDevice::SetUp();
    buffer_ = allocate(1 << 20);
  }
  void TearDown() override {
    if (plan_ != nullptr) api_->plan_free(device_, plan_);
    if (kv_ != nullptr) api_->kv_free(device_, kv_);
    ForeignDevice::TearDown();
  }

  tn_state_desc state(const char* dtype) {
    return {sizeof(tn_state_desc),
            TN_STATE_KV,
            k_state,
            0,
            k_heads,
            k_width,
            k_width,
            host_.intern(TN_KIND_DTYPE, dtype),
            0,
            0,
            0};
  }
  static tn_kv_desc describe(const tn_state_desc& state, const uint64_t& pages) {
    return {sizeof(tn_kv_desc), 0, 1, sizeof(tn_state_desc), &state, &pages, 1, TN_PAGE_POSITIONS};
  }
  void create(const char* dtype) {
    const tn_state_desc s = state(dtype);
    const uint64_t pages = 4;
    const tn_kv_desc desc = describe(s, pages);
    ASSERT_EQ(api_->kv_create(device_, &desc, &kv_), TN_OK) << host_.last_error();
  }
  uint32_t ints(int64_t n, uint64_t offset) {
    const uint32_t t = graph_.tensor({n}, offset);
    return graph_.retype(t, "i32");
  }
  uint32_t cache(const char* dtype) {
    tn_tensor t = graph_.describe(dtype, {k_heads, k_width, k_width});
    t.role = TN_ROLE_STATE;
    t.state = k_state;
    return graph_.add(t);
  }
  void execute() {
    const std::vector<int64_t> syms(TN_SYM_COUNT, k_rows);
    const tn_compile_opts opts{sizeof opts, 0, TN_SYM_COUNT, 0, syms.data()};
    ASSERT_EQ(api_->compile(device_, &graph_.graph(), &opts, &plan_), TN_OK) << host_.last_error();
    const tn_binding binding{buffer_, 0};
    const tn_cmd_execute cmd{{sizeof(tn_cmd_execute), TN_CMD_EXECUTE},
                             plan_,
                             kv_,
                             &binding,
                             syms.data(),
                             1,
                             TN_SYM_COUNT,
                             nullptr};
    run({&cmd.head});
  }
  tn_kv_rows rows(uint32_t page, uint32_t first, uint32_t n, std::vector<float>& k,
                  std::vector<float>& v) const {
    return {sizeof(tn_kv_rows),
            k_state,
            page,
            first,
            n,
            0,
            k.data(),
            v.data(),
            k.size() * sizeof(float),
            v.size() * sizeof(float)};
  }

  GraphBuilder graph_{host_};
  tn_buffer* buffer_ = nullptr;
  tn_kv* kv_ = nullptr;
  tn_plan* plan_ = nullptr;
};

struct Rows {
  const std::vector<float>&k, &v, &q;
};

// What row t reads: its own position and those before it, as they are stored.
std::vector<double> expected(const Rows& rows, const std::vector<int32_t>& sequences,
                             const std::string& dtype, const tn_attention_params& params) {
  const auto stored = [&](const std::vector<float>& from, std::size_t at) {
    std::vector<double> values;
    for (std::size_t i = 0; i < k_width; ++i)
      values.push_back(dtype == "f16" ? oracle::round_to(from[at + i], 5, 10)
                                      : double{from[at + i]});
    return values;
  };
  std::vector<double> want;
  for (int64_t t = 0; t < k_rows; ++t)
    for (std::size_t h = 0; h < 2 * k_heads; ++h) {
      std::vector<std::vector<double>> ks, vs;
      const int64_t first = params.window > 0 ? std::max<int64_t>(0, t - params.window + 1) : 0;
      for (int64_t p = first; p <= t && sequences[static_cast<std::size_t>(t)] == 0; ++p) {
        const std::size_t at = static_cast<std::size_t>(p) * k_row + h / 2 * k_width;
        ks.push_back(stored(rows.k, at));
        vs.push_back(stored(rows.v, at));
      }
      const auto from =
          rows.q.begin() + (t * 2 * int64_t{k_heads} + static_cast<int64_t>(h)) * int64_t{k_width};
      const auto out =
          oracle::attention({from, from + k_width}, {ks.begin(), ks.end()}, {vs.begin(), vs.end()},
                            k_width, {params.scale, params.softcap, {}});
      want.insert(want.end(), out.begin(), out.end());
    }
  return want;
}

// Positions are stored in pages 3 and 1, and read back by all kinds of rows.
TEST_F(ForeignCache, AttentionReadsWhatWasStored) {
  for (const char* dtype : {"f32", "f16"})
    for (const tn_attention_params& params :
         {tn_attention_params{sizeof(tn_attention_params), k_heads, 0.35f, 0, 0},
          tn_attention_params{sizeof(tn_attention_params), k_heads, 0.35f, 2.0f, 17}}) {
      SCOPED_TRACE(testing::Message() << dtype << " window " << params.window);
      TearDown();
      SetUp();
      create(dtype);
      graph_ = GraphBuilder(host_);
      const auto k = random_values(Inputs::normal, k_rows * static_cast<int64_t>(k_row), 1);
      const auto v = random_values(Inputs::normal, k_rows * static_cast<int64_t>(k_row), 2);
      const auto q = random_values(Inputs::normal, k_rows * 2 * static_cast<int64_t>(k_row), 3);
      std::vector<int32_t> slots, positions, sequences(k_rows, 0);
      for (int32_t p = 0; p < k_rows; ++p) {
        slots.push_back(p < 64 ? 3 * 64 + p : 64 + p % 64);
        positions.push_back(p);
      }
      sequences[7] = -1;
      upload(buffer_, 0, k);
      upload(buffer_, 8192, v);
      upload(buffer_, 16384, slots);
      upload(buffer_, 20480, positions);
      upload(buffer_, 24576, sequences);
      upload(buffer_, 28672, std::vector<int32_t>{3, 1, 99});
      upload(buffer_, 32768, q);
      const uint32_t kept = cache(dtype);
      graph_.node(TN_OP_KV_WRITE,
                  {graph_.tensor({k_rows, k_heads, k_width}, 0),
                   graph_.tensor({k_rows, k_heads, k_width}, 8192), ints(k_rows, 16384), kept},
                  kept);
      const uint64_t features = (params.window > 0 ? TN_ATTENTION_WINDOW : 0) |
                                (params.softcap > 0 ? TN_ATTENTION_SOFTCAP : 0);
      const uint32_t table = graph_.retype(graph_.tensor({1, 3}, 28672), "i32");
      graph_.node(TN_OP_ATTENTION,
                  {graph_.tensor({k_rows, 2 * k_heads, k_width}, 32768), kept, ints(k_rows, 20480),
                   ints(k_rows, 24576), table},
                  graph_.tensor({k_rows, 2 * k_heads, k_width}, 65536), features, &params);
      execute();
      const auto got = download<float>(buffer_, 65536, 2 * k_row * k_rows);
      const std::vector<double> want = expected({k, v, q}, sequences, dtype, params);
      EXPECT_LE(nmse(got, want), 1e-12);
    }
}

TEST_F(ForeignCache, RowsAreExchangedAndMoved) {
  create("f32");
  auto k = random_values(Inputs::normal, 10 * static_cast<int64_t>(k_row), 1);
  auto v = random_values(Inputs::normal, 10 * static_cast<int64_t>(k_row), 2);
  std::vector<float> k2(10 * k_row), v2(10 * k_row);
  const tn_kv_rows in = rows(2, 3, 10, k, v), out = rows(0, 50, 10, k2, v2);
  const tn_cmd_kv_rows write{head<tn_cmd_kv_rows>(TN_CMD_KV_WRITE), kv_, &in, 1, sizeof in};
  const tn_kv_move move{2, 3, 0, 50, 10, 0};
  const tn_cmd_kv_copy copy{head<tn_cmd_kv_copy>(TN_CMD_KV_COPY), kv_, &move, 1, 0};
  const tn_cmd_kv_rows read{head<tn_cmd_kv_rows>(TN_CMD_KV_READ), kv_, &out, 1, sizeof out};
  run({&write.head, &copy.head, &read.head});
  EXPECT_EQ(k2, k);
  EXPECT_EQ(v2, v);
}

TEST_F(ForeignCache, RefusesWhatLeavesItsPages) {
  create("f32");
  std::vector<float> k(10 * k_row), v(10 * k_row);
  tn_timeline* done = make_timeline();
  const auto refused = [&](const tn_cmd& cmd) {
    EXPECT_EQ(submit(queue_, {{&cmd}, {}, {{done, 1}}}), TN_ERR_INVALID);
  };
  for (const tn_kv_move& move : {tn_kv_move{4, 0, 0, 0, 1, 0}, tn_kv_move{0, 0, 4, 0, 1, 0},
                                 tn_kv_move{0, 60, 1, 0, 5, 0}, tn_kv_move{0, 0, 1, 64, 1, 0}})
    refused(tn_cmd_kv_copy{head<tn_cmd_kv_copy>(TN_CMD_KV_COPY), kv_, &move, 1, 0}.head);
  for (const tn_kv_rows& r : {rows(4, 0, 1, k, v), rows(0, 60, 5, k, v), rows(0, 0, 11, k, v)})
    refused(tn_cmd_kv_rows{head<tn_cmd_kv_rows>(TN_CMD_KV_READ), kv_, &r, 1, sizeof r}.head);
  EXPECT_EQ(query(done), 0u);
}

TEST_F(ForeignCache, SaysWhatItDoesNotKeep) {
  tn_state_desc s = state("f32");
  uint64_t pages = 4, bytes = 0;
  tn_kv_desc desc = describe(s, pages);
  ASSERT_EQ(api_->kv_size(device_, &desc, &bytes), TN_OK);
  EXPECT_EQ(bytes, 4 * 64 * k_heads * 2 * k_width * sizeof(float));
  const auto unsupported = [&] {
    tn_kv* made = nullptr;
    EXPECT_EQ(api_->kv_size(device_, &desc, &bytes), TN_ERR_UNSUPPORTED);
    EXPECT_EQ(api_->kv_create(device_, &desc, &made), TN_ERR_UNSUPPORTED);
    EXPECT_EQ(made, nullptr);
    s = state("f32");
  };
  s.kind = 99;
  unsupported();
  s = state("q8_0");
  unsupported();
  s.dk = 4096;
  unsupported();
  desc.page_positions = 16;
  unsupported();
  desc.page_positions = 64;
  pages = uint64_t{1} << 40;
  tn_kv* made = nullptr;
  EXPECT_EQ(api_->kv_create(device_, &desc, &made), TN_ERR_OOM);
}

TEST_F(ForeignCache, TheSecondDeviceKeepsNone) {
  tn_device* second = nullptr;
  const tn_open_opts opts{sizeof opts, 0, 0, 0};
  ASSERT_EQ(factory_->open(backend_, 1, &opts, &second), TN_OK);
  const tn_state_desc s = state("f32");
  const uint64_t pages = 4;
  const tn_kv_desc desc = describe(s, pages);
  uint64_t bytes = 0;
  EXPECT_EQ(api_->kv_size(second, &desc, &bytes), TN_ERR_UNSUPPORTED);
  api_->close(second);
}

TEST_F(ForeignCache, RotatesAsTheOpSays) {
  const std::vector<int32_t> positions = {0, 1, 1000, 32767};
  const auto x = random_values(Inputs::normal, 4 * 2 * 8, 4);
  const std::vector<float> factors = {1.0f, 2.0f, 0.5f};
  const tn_rope_params params{sizeof params, 6, 1e4f, 0.25f, 1.1f, 0, 0, 0};
  upload(buffer_, 0, x);
  upload(buffer_, 4096, positions);
  upload(buffer_, 8192, factors);
  const uint32_t in = graph_.tensor({4, 2, 8}, 0), at = ints(4, 4096);
  const uint64_t bits = TN_ROPE_PARTIAL | TN_ROPE_SCALED;
  graph_.node(TN_OP_ROPE, {in, at}, graph_.tensor({4, 2, 8}, 12288), bits, &params);
  graph_.node(TN_OP_ROPE, {in, at, graph_.tensor({3}, 8192)}, graph_.tensor({4, 2, 8}, 16384),
              bits | TN_ROPE_HALVES | TN_ROPE_FACTORS, &params);
  execute();
  for (const bool second : {false, true}) {
    const auto got = download<float>(buffer_, second ? 16384 : 12288, 64);
    std::vector<double> want;
    for (std::size_t r = 0; r < 8; ++r) {
      const auto row = x.begin() + static_cast<int64_t>(r) * 8;
      const auto out = oracle::rope({row, row + 8}, params, second ? TN_ROPE_HALVES : 0,
                                    second ? factors : std::vector<float>{},
                                    {static_cast<double>(positions[r / 2]), 0});
      want.insert(want.end(), out.begin(), out.end());
    }
    EXPECT_LE(nmse(got, want), 1e-12);
  }
}

}  // namespace
}  // namespace tenon::conformance
