// Models that are split into several files: whichever is opened, all of them are the model.
#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "framework/formats/gguf/gguf.hpp"
#include "tests/unit/formats/gguf_builder.hpp"

namespace tenon::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

GgufBuilder part_of(std::uint16_t index, std::uint16_t count, std::int32_t tensors) {
  GgufBuilder part;
  part.scalar<std::uint16_t>("split.no", index)
      .scalar<std::uint16_t>("split.count", count)
      .scalar<std::int32_t>("split.tensors.count", tensors);
  return part;
}

class GgufParts : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directory(folder_);
    write(0, part_of(0, 3, 3).string("general.architecture", "llama"));  // no tensor, as an option
    write(1, part_of(1, 3, 3).tensor("a", {8}, "f32").tensor("b", {64}, "q4_0"));
    write(2, part_of(2, 3, 3).tensor("c", {2, 3}, "f16"));
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path path(int index) const {
    return folder_ / ("m-0000" + std::to_string(index + 1) + "-of-00003.gguf");
  }
  void write(int index, const GgufBuilder& part) const { write(path(index), part.build()); }
  static void write(const fs::path& file, const Bytes& bytes) {
    std::ofstream(file, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<long>(bytes.size()));
  }
  std::string refusal(int index) const {
    const auto file = GgufFile::open(path(index));
    const Status whole = file ? file->check_whole() : fail(file);
    EXPECT_TRUE(whole || whole.error().code() == ErrorCode::model);
    return whole ? "no error" : whole.error().message();
  }

  fs::path folder_ = fs::temp_directory_path() / ("tenon_parts_" + std::to_string(::getpid()));
};

TEST_F(GgufParts, AnyOfThemIsTheModel) {
  for (int given = 0; given < 3; ++given) {
    auto opened = GgufFile::open(path(given));
    ASSERT_TRUE(opened) << opened.error().message();
    const GgufFile file = std::move(*opened);
    EXPECT_TRUE(file.check_whole());
    EXPECT_TRUE(file.check(ErrorCode::model));
    EXPECT_EQ(file.name(), path(0).string());
    EXPECT_THAT(file.parts(), ElementsAre(path(0).string(), path(1).string(), path(2).string()));
    EXPECT_EQ(file.metadata().get_string("general.architecture").value(), "llama");
    EXPECT_EQ(file.size(),
              fs::file_size(path(0)) + fs::file_size(path(1)) + fs::file_size(path(2)));
    ASSERT_EQ(file.tensors().size(), 3U);
    const std::pair<const char*, std::uint32_t> places[] = {{"a", 1}, {"b", 1}, {"c", 2}};
    for (const auto& [name, part] : places) {
      const GgufTensor* tensor = file.find_tensor(name);
      ASSERT_NE(tensor, nullptr) << name;
      EXPECT_EQ(tensor->part, part);
      for (std::size_t i = 0; i < tensor->data.size(); ++i)
        ASSERT_EQ(std::to_integer<std::size_t>(tensor->data[i]), i % 256) << name;
      file.drop(*tensor);
    }
    EXPECT_GT(file.times().map_ms, 0);
  }
}

TEST_F(GgufParts, LinksToBlobsAreFollowedByTheirOwnNames) {  // as caches of downloads keep them
  for (int i = 0; i < 3; ++i) {
    fs::rename(path(i), folder_ / ("blob" + std::to_string(i)));
    fs::create_symlink("blob" + std::to_string(i), path(i));
  }
  EXPECT_EQ(refusal(1), "no error");
}

TEST_F(GgufParts, WhatIsMissingIsNamed) {
  fs::remove(path(2));
  EXPECT_EQ(refusal(0), path(0).string() + ": this is part 1 of 3 of a split model, of which " +
                            path(2).filename().string() + " is missing");
  fs::remove(path(0));
  EXPECT_EQ(refusal(1), path(1).string() + ": this is part 2 of 3 of a split model, of which " +
                            path(0).filename().string() + ", " + path(2).filename().string() +
                            " are missing");
  const auto file = GgufFile::open(path(1));
  ASSERT_TRUE(file) << "what is there can be looked at";
  EXPECT_NE(file->find_tensor("b"), nullptr);
}

TEST_F(GgufParts, OfManyMissingFilesSomeAreNamed) {
  const fs::path lonely = folder_ / "x-00001-of-65535.gguf";
  write(lonely, part_of(0, 65535, 3).build());
  const auto file = GgufFile::open(lonely);
  ASSERT_TRUE(file);
  const std::string message = file->check_whole().error().message();
  EXPECT_THAT(message, HasSubstr("x-00009-of-65535.gguf and 65526 more are missing"));
  EXPECT_LT(message.size(), 1000U);
}

TEST_F(GgufParts, APartUnderAnotherNameSaysHowItMustEnd) {
  fs::rename(path(1), folder_ / "model.gguf");
  const auto file = GgufFile::open(folder_ / "model.gguf");
  ASSERT_TRUE(file);
  EXPECT_THAT(
      file->check_whole().error().message(),
      HasSubstr("model.gguf: this is part 2 of 3 of a split model, whose files are found by "
                "their names: this one must end in -00002-of-00003.gguf"));
  const auto bytes = part_of(0, 2, 1).build();
  EXPECT_FALSE(GgufFile::parse(bytes, "bytes")->check_whole());
}

TEST_F(GgufParts, FilesThatDoNotBelongTogetherAreRefused) {
  write(1, part_of(2, 3, 3));
  EXPECT_THAT(refusal(0),
              HasSubstr("00002-of-00003.gguf: this is part 3 of 3 of a split model, but "
                        "by its name part 2 of 3"));
  write(1, part_of(1, 4, 3));
  EXPECT_THAT(refusal(2),
              HasSubstr("this is part 2 of 4 of a split model, but by its name part 2"));
  write(1, GgufBuilder().tensor("a", {8}, "f32"));
  EXPECT_THAT(refusal(2), HasSubstr("this is a whole model, but by its name part 2 of 3"));
  write(1, part_of(1, 3, 3).tensor("c", {8}, "f32").tensor("b", {8}, "f32"));
  EXPECT_THAT(refusal(0), HasSubstr("00003-of-00003.gguf: byte"));
  EXPECT_THAT(refusal(0), HasSubstr("this name occurs twice"));
  write(1, part_of(1, 3, 3).tensor("a", {8}, "f32"));
  EXPECT_THAT(refusal(0), HasSubstr("the parts have 2 tensors, not the 3 that they say"));
  write(path(1), Bytes(20));
  EXPECT_THAT(refusal(0), HasSubstr("00002-of-00003.gguf: byte 0: magic: this is not a GGUF file"));
  fs::remove(path(1));
  fs::create_directory(path(1));
  EXPECT_THAT(refusal(0), HasSubstr("00002-of-00003.gguf: not a regular file"));
}

TEST_F(GgufParts, KeysThatContradictEachOtherAreRefused) {
  write(0, part_of(3, 3, 3));
  EXPECT_THAT(refusal(0), HasSubstr("3 is not below split.count, which is 3"));
  write(0, GgufBuilder().scalar<std::uint16_t>("split.count", 3));
  EXPECT_THAT(refusal(0), HasSubstr("which part this is, split.no, is missing"));
  write(0,
        GgufBuilder().scalar<std::uint64_t>("split.count", UINT64_MAX).scalar<int>("split.no", 0));
  EXPECT_THAT(refusal(0), HasSubstr("there may be at most 65535 parts"));
  write(0, GgufBuilder().scalar<int>("split.count", -1));
  EXPECT_THAT(refusal(0), HasSubstr("out of range: negative"));
  write(0, part_of(0, 1, 1).string("general.architecture", "llama"));
  EXPECT_EQ(refusal(0), "no error") << "one part is a whole model";
}

}  // namespace
}  // namespace tenon::testing
