// Honest GGUF files: everything written comes back.
#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "framework/formats/gguf/gguf.hpp"
#include "tests/unit/formats/gguf_builder.hpp"
#include "tests/unit/formats/gguf_walk.hpp"

namespace tenon::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

GgufFile parse_ok(const Bytes& bytes) {
  auto file = GgufFile::parse(bytes, "tiny.gguf");
  EXPECT_TRUE(file) << (file ? "" : file.error().message());
  return std::move(*file);
}

class EachVersion : public ::testing::TestWithParam<std::uint32_t> {
 protected:
  EachVersion() {
    auto builder = tiny_gguf();
    builder.version = GetParam();
    bytes_ = builder.build();
  }
  Bytes bytes_;
};
INSTANTIATE_TEST_SUITE_P(Gguf, EachVersion, ::testing::Values(2U, 3U));

TEST_P(EachVersion, ScalarsComeBackAtAnyWidth) {
  const auto file = parse_ok(bytes_);
  const auto& metadata = file.metadata();
  EXPECT_EQ(file.version(), GetParam());
  EXPECT_EQ(metadata.entries().size(), 13U);
  EXPECT_EQ(metadata.entries()[0].name, "general.architecture");
  EXPECT_EQ(metadata.get_string("general.architecture").value(), "llama");
  EXPECT_EQ(metadata.get_u64("n.u8").value(), 200U);
  EXPECT_EQ(metadata.get_i64("n.u8").value(), 200);
  EXPECT_EQ(metadata.get_i64("n.i8").value(), -5);
  EXPECT_EQ(metadata.get_u64("llama.block_count").value(), 2U);
  EXPECT_EQ(metadata.get_i64("n.i64").value(), -(std::int64_t{1} << 40));
  EXPECT_EQ(metadata.get_u64("n.u64").value(), UINT64_MAX);
  EXPECT_EQ(metadata.get_f64("n.f32").value(), 1.5);
  EXPECT_EQ(metadata.get_f64("n.f64").value(), 1e-300);
  EXPECT_EQ(metadata.get_bool("n.bool").value(), true);
}

TEST_P(EachVersion, ArraysComeBack) {
  const auto file = parse_ok(bytes_);
  const auto& metadata = file.metadata();
  const auto tokens = metadata.get_strings("tokens").value().value();
  ASSERT_EQ(tokens.size(), 3U);
  EXPECT_EQ(tokens.string_at(0), "a");
  EXPECT_EQ(tokens.string_at(1), "");
  EXPECT_EQ(tokens.string_at(2), "ccc");
  EXPECT_THAT(list<double>(metadata, "scores").value(), ElementsAre(0.5, -1.0));
  EXPECT_THAT(list<std::int64_t>(metadata, "types").value(), ElementsAre(1, -2, 3));
  EXPECT_THAT(list<bool>(metadata, "pattern").value(), ElementsAre(true, false));
  EXPECT_EQ(metadata.get_array("types").value().value().element(), GgufType::i32);
}

TEST_P(EachVersion, TensorsComeBackOutermostFirst) {
  const auto file = parse_ok(bytes_);
  ASSERT_EQ(file.tensors().size(), 3U);
  const auto* cube = file.find_tensor("cube");
  ASSERT_NE(cube, nullptr);
  EXPECT_THAT(cube->dim, ElementsAre(2, 3, 4, 5));
  EXPECT_EQ(cube->rows(), 24);
  EXPECT_EQ(cube->bytes, 240U);
  const auto* embedding = file.find_tensor("token_embd.weight");
  ASSERT_NE(embedding, nullptr);
  EXPECT_EQ(embedding->dtype->name, "q4_0");
  EXPECT_EQ(embedding->rank, 2U);
  EXPECT_THAT(embedding->dim, ElementsAre(3, 64, 0, 0));
  EXPECT_EQ(embedding->bytes, 108U);
  EXPECT_EQ(embedding->offset % 32, 0U);
  EXPECT_EQ(embedding->data.data(), bytes_.data() + embedding->offset);
  EXPECT_EQ(std::to_integer<int>(embedding->data[107]), 107);
  EXPECT_EQ(file.find_tensor("nope"), nullptr);
}

TEST(GgufGetters, TellAbsentWrongTypeAndOutOfRangeApart) {
  const auto bytes = tiny_gguf().build();
  const auto file = parse_ok(bytes);
  const auto& metadata = file.metadata();
  EXPECT_FALSE(metadata.get_u64("absent").value().has_value());
  EXPECT_FALSE(metadata.visit<double>("absent", {}).value().has_value());
  EXPECT_FALSE(metadata.get_strings("absent").value().has_value());
  EXPECT_THAT(metadata.get_u64("n.i8").error().message(), HasSubstr("out of range: negative"));
  EXPECT_THAT(metadata.get_i64("n.u64").error().message(), HasSubstr("out of range: above"));
  EXPECT_THAT(list<std::uint64_t>(metadata, "types").error().message(),
              HasSubstr("element 1: out of range"));
  const auto wrong = metadata.get_u64("n.f32").error();
  EXPECT_EQ(wrong.code(), ErrorCode::model);
  EXPECT_THAT(wrong.message(), HasSubstr("tiny.gguf: byte "));
  EXPECT_THAT(wrong.message(), HasSubstr("\"n.f32\""));
  EXPECT_THAT(wrong.message(), HasSubstr("wrong type (an integer is needed, the file has f32)"));
}

TEST(GgufGetters, RefuseEveryOtherType) {
  const auto bytes = tiny_gguf().build();
  const auto file = parse_ok(bytes);
  const auto& metadata = file.metadata();
  EXPECT_FALSE(metadata.get_u64("n.bool"));
  EXPECT_FALSE(metadata.get_u64("tokens"));
  EXPECT_FALSE(metadata.get_f64("llama.block_count"));
  EXPECT_FALSE(metadata.get_bool("n.u8"));
  EXPECT_FALSE(metadata.get_string("tokens"));
  EXPECT_FALSE(metadata.get_array("n.u8"));
  EXPECT_FALSE(metadata.get_strings("types"));
  EXPECT_FALSE(list<std::int64_t>(metadata, "scores"));
  EXPECT_FALSE(list<double>(metadata, "types"));
  EXPECT_FALSE(list<bool>(metadata, "tokens"));
}

TEST(GgufFile, AlignmentOfTheFileIsUsed) {
  GgufBuilder builder;
  builder.alignment = 256;
  builder.scalar<std::uint32_t>("general.alignment", 256);
  const auto bytes = builder.tensor("a", {3}, "f32").tensor("b", {3}, "f32").build();
  const auto file = parse_ok(bytes);
  EXPECT_EQ(file.alignment(), 256U);
  EXPECT_EQ(file.find_tensor("b")->offset - file.find_tensor("a")->offset, 256U);
}

TEST(GgufFile, NoTensorsNoPaddingIsFine) {
  const auto bytes = GgufBuilder().string("k", "v").build();
  const auto file = parse_ok(bytes);
  EXPECT_TRUE(file.tensors().empty());
  EXPECT_EQ(file.size(), bytes.size());
}

TEST(GgufFile, OpensFromDiskAndSurvivesAMove) {
  const auto bytes = tiny_gguf().build();
  const auto path =
      std::filesystem::temp_directory_path() / ("tenon_gguf_" + std::to_string(::getpid()));
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<long>(bytes.size()));
  auto opened = GgufFile::open(path);
  ASSERT_TRUE(opened) << opened.error().message();
  const GgufFile file = std::move(*opened);
  std::filesystem::remove(path);
  EXPECT_EQ(file.metadata().get_strings("tokens").value()->string_at(2), "ccc");
  EXPECT_EQ(file.find_tensor("cube")->data.size(), 240U);
  EXPECT_TRUE(file.check(ErrorCode::model));
  EXPECT_TRUE(file.check_whole());
  EXPECT_GT(file.times().open_ms, 0);
  EXPECT_GT(file.times().map_ms, 0);
  EXPECT_GT(file.times().header_ms, 0);
}

TEST(GgufFile, MissingFileIsAModelError) {
  const auto file = GgufFile::open("/nonexistent/model.gguf");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code(), ErrorCode::model);
  EXPECT_THAT(file.error().message(), HasSubstr("/nonexistent/model.gguf: cannot open"));
}

}  // namespace
}  // namespace tenon::testing
