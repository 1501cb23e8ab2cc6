// Architectures that call the host with nonsense, or when there is no memory left: each call is
// answered with an error, and nothing is thrown through them.
#include <gmock/gmock.h>

#include <functional>

#include "framework/engine/load/meta_table.hpp"
#include "framework/engine/load/model.hpp"
#include "tests/faults/models/heap_use.hpp"
#include "tests/faults/models/micro_llama.hpp"

namespace tenon::testing {
namespace {

using ::testing::HasSubstr;
using Declaring = std::function<void(const tn_declare&)>;

class HostileArch : public ::testing::Test {
 protected:
  // What the host says to an architecture that declares like this.
  std::string said(const Declaring& declaring) const {
    tn_arch_desc desc{};
    desc.struct_size = sizeof desc;
    desc.id = "hostile";
    desc.declare = [](const tn_arch* self, const tn_declare* table) -> tn_status {
      (*reinterpret_cast<const Declaring*>(self))(*table);
      return TN_OK;
    };
    const auto declared =
        read_declared(file_, desc, reinterpret_cast<const tn_arch*>(&declaring), host_);
    return declared ? "accepted" : declared.error().message();
  }

  const HostTable host_;
  const Bytes bytes_ = MicroLlama().build();
  const GgufFile file_ = std::move(GgufFile::parse(bytes_, "micro.gguf")).value();
};

TEST_F(HostileArch, NullsAndHugeNumbersAreErrors) {
  const std::int64_t dim[] = {32};
  EXPECT_THAT(
      said([&](auto& d) { EXPECT_EQ(d.tensor(d.ctx, nullptr, 0, 1, dim), TN_ERR_INVALID); }),
      HasSubstr("without a name"));
  EXPECT_THAT(said([&](auto& d) {
                EXPECT_EQ(d.tensor(d.ctx, "output_norm.weight", 0, 1, nullptr), TN_ERR_INVALID);
              }),
              HasSubstr("without a name"));
  EXPECT_THAT(said([&](auto& d) {
                EXPECT_EQ(d.tensor(d.ctx, "output_norm.weight", 0, 1u << 31, dim), TN_ERR_INVALID);
              }),
              HasSubstr("2147483648 axes"));
  EXPECT_THAT(said([](auto& d) { EXPECT_EQ(d.limit(d.ctx, nullptr, 1), TN_ERR_INVALID); }),
              HasSubstr("without a name"));
  for (const std::int64_t value :
       {std::int64_t{0}, std::int64_t{-1}, (std::int64_t{1} << 31) + 1, std::int64_t{1} << 62})
    EXPECT_THAT(
        said([&](auto& d) { EXPECT_EQ(d.limit(d.ctx, "n_ctx_train", value), TN_ERR_INVALID); }),
        HasSubstr("\"n_ctx_train\" is " + std::to_string(value)));
}

TEST_F(HostileArch, NamesWithoutAnEndAreCutShort) {
  const std::string name = "\033[2J" + std::string(100'000, 'a');
  const std::int64_t dim[] = {32};
  const auto message = said([&](auto& d) { d.tensor(d.ctx, name.c_str(), 0, 1, dim); });
  EXPECT_LT(message.size(), 300u);
  EXPECT_EQ(message.find('\033'), std::string::npos);
}

TEST_F(HostileArch, NullQuestionsAreErrors) {
  MetaTable table(file_);
  const tn_meta& m = *table.table();
  std::int64_t number = 0;
  double real = 0;
  std::uint32_t flag = 0;
  std::uint64_t n = 0;
  const char* text = nullptr;
  const char* key = "llama.block_count";
  EXPECT_EQ(m.get_i64(m.ctx, nullptr, &number), TN_ERR_INVALID);
  EXPECT_EQ(m.get_i64(m.ctx, key, nullptr), TN_ERR_INVALID);
  EXPECT_EQ(m.get_f64(m.ctx, nullptr, &real), TN_ERR_INVALID);
  EXPECT_EQ(m.get_f64(m.ctx, key, nullptr), TN_ERR_INVALID);
  EXPECT_EQ(m.get_bool(m.ctx, nullptr, &flag), TN_ERR_INVALID);
  EXPECT_EQ(m.get_bool(m.ctx, "tokenizer.ggml.add_bos_token", nullptr), TN_ERR_INVALID);
  EXPECT_EQ(m.get_str(m.ctx, "general.architecture", nullptr, &n), TN_ERR_INVALID);
  EXPECT_EQ(m.get_str(m.ctx, "general.architecture", &text, nullptr), TN_ERR_INVALID);
  EXPECT_EQ(m.get_str(m.ctx, nullptr, &text, &n), TN_ERR_INVALID);
  EXPECT_EQ(m.get_i64s(m.ctx, "tokenizer.ggml.token_type", nullptr, 0, nullptr), TN_ERR_INVALID);
  EXPECT_EQ(m.get_i64s(m.ctx, "tokenizer.ggml.token_type", nullptr, 4, &n), TN_ERR_INVALID);
  EXPECT_EQ(m.get_i64s(m.ctx, "tokenizer.ggml.token_type", nullptr, 0, &n), TN_OK);
  EXPECT_EQ(n, 12u);
  EXPECT_EQ(m.get_f64s(m.ctx, nullptr, &real, 1, &n), TN_ERR_INVALID);
  EXPECT_EQ(m.tensor_dim(m.ctx, nullptr, 0), 0);
}

TEST_F(HostileArch, AnyNumberIsARealOne) {
  MetaTable table(file_);
  const tn_meta& m = *table.table();
  double real = 0, reals[2] = {};
  std::uint64_t n = 0;
  EXPECT_EQ(m.get_f64(m.ctx, "llama.embedding_length", &real), TN_OK);
  EXPECT_EQ(real, 32);
  EXPECT_EQ(m.get_f64s(m.ctx, "tokenizer.ggml.token_type", reals, 2, &n), TN_OK);
  EXPECT_EQ(reals[1], 1);
}

#ifdef TENON_TEST_CAN_FAIL_NEW
TEST_F(HostileArch, NothingIsThrownThroughItsCalls) {
  MetaTable table(file_);
  const tn_meta& m = *table.table();
  const std::string key(100, 'k');
  const std::int64_t dim[] = {32};
  std::int64_t number = 0;
  tn_status asked = TN_OK, declared = TN_OK, limited = TN_OK;
  said([&](auto& d) {
    const NoMemory none;
    asked = m.get_i64(m.ctx, key.c_str(), &number);
    declared = d.tensor(d.ctx, key.c_str(), 0, 1, dim);
    limited = d.limit(d.ctx, key.c_str(), 7);
  });
  EXPECT_EQ(asked, TN_ERR_OOM);
  EXPECT_EQ(declared, TN_ERR_OOM);
  EXPECT_EQ(limited, TN_ERR_OOM);
}
#endif

}  // namespace
}  // namespace tenon::testing
