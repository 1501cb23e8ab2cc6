// .npy: what we write is what NumPy writes; what we read is checked.
#include "framework/formats/npy.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

namespace tenon {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class NpyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("tenon_npy_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    path_ = folder_ / "x.npy";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(folder_), {}));
  }

  std::filesystem::path folder_, path_;
};

std::string npy_text(std::string_view dictionary, std::string_view values) {
  std::string text(dictionary);
  text.resize(118, ' ');
  text.back() = '\n';
  return std::string("\x93NUMPY\x01\0\x76\0", 10) + text + std::string(values);
}

Result<NpyArray> parse(const std::string& text) {
  return parse_npy(std::as_bytes(std::span(text)), "x.npy");
}

TEST_F(NpyTest, RowsComeBack) {
  auto writer = NpyWriter::create(path_, 3);
  ASSERT_TRUE(writer) << writer.error().message();
  ASSERT_TRUE(writer->append(std::vector<float>{1, 2, 3}));
  ASSERT_TRUE(writer->append(std::vector<float>{4, 5, 6, 7, 8, 9}));
  ASSERT_TRUE(writer->finish());
  EXPECT_EQ(files(), 1U);
  const auto array = read_npy(path_);
  ASSERT_TRUE(array) << array.error().message();
  EXPECT_THAT(array->shape, ElementsAre(3, 3));
  EXPECT_THAT(std::get<0>(array->values), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9));
}

// The whole header as numpy.lib.format wants it: padded to 64 bytes, ending in a newline.
TEST_F(NpyTest, TheHeaderIsNumPys) {
  auto writer = NpyWriter::create(path_, 2);
  ASSERT_TRUE(writer->append(std::vector<float>{1, 2}));
  ASSERT_TRUE(writer->finish());
  std::ifstream in(path_, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const std::string values("\0\0\x80\x3f\0\0\0\x40", 8);
  EXPECT_EQ(text, npy_text("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }", values));
}

TEST_F(NpyTest, SmallArraysOfEachTypeComeBack) {
  const NpyArray arrays[] = {{{1, 2}, std::vector<float>{1.5F, -2}},
                             {{2, 1}, std::vector<std::int32_t>{-1, 7}},
                             {{1, 3}, std::vector<std::uint8_t>{0, 128, 255}}};
  for (const NpyArray& array : arrays) {
    ASSERT_TRUE(write_npy(path_, array));
    const auto again = read_npy(path_);
    ASSERT_TRUE(again) << again.error().message();
    EXPECT_EQ(again->shape, array.shape);
    EXPECT_EQ(again->values, array.values);
  }
}

TEST_F(NpyTest, NothingAppearsWithoutFinish) {
  std::ofstream(path_) << "old";
  {
    auto writer = NpyWriter::create(path_, 1);
    ASSERT_TRUE(writer->append(std::vector<float>{1}));
  }
  EXPECT_EQ(files(), 1U);
  std::string text;
  std::ifstream(path_) >> text;
  EXPECT_EQ(text, "old");
}

TEST_F(NpyTest, ErrorsNameThePath) {
  const auto missing = NpyWriter::create(folder_ / "no" / "x.npy", 1);
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message(), HasSubstr("no/x.npy: cannot create"));
  EXPECT_FALSE(NpyWriter::create(path_, 0));
  auto writer = NpyWriter::create(path_, 2);
  EXPECT_THAT(writer->append(std::vector<float>{1}).error().message(),
              HasSubstr("1 values are not whole rows of 2"));
}

TEST(NpyRead, IntegersAndOneAxis) {
  const auto array = parse(npy_text("{'descr': '<i4', 'fortran_order': False, 'shape': (2,), }",
                                    {"\5\0\0\0\xff\xff\xff\xff", 8}));
  ASSERT_TRUE(array) << array.error().message();
  EXPECT_THAT(array->shape, ElementsAre(2));
  EXPECT_THAT(std::get<1>(array->values), ElementsAre(5, -1));
}

TEST(NpyRead, AnEmptyArrayIsEmptyWhateverItsOtherAxis) {
  const auto array = parse(npy_text(
      "{'descr': '<f4', 'fortran_order': False, 'shape': (0, 18446744073709551615), }", ""));
  ASSERT_TRUE(array) << array.error().message();
  EXPECT_TRUE(std::get<0>(array->values).empty());
}

TEST(NpyRead, RefusesWhatItDoesNotRead) {
  const std::pair<std::string, std::string> cases[] = {
      {"{'descr': '<i8', 'fortran_order': False, 'shape': (1,), }", "descr"},
      {"{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }", "descr"},
      {"{'descr': '<f4', 'fortran_order': True, 'shape': (1,), }", "fortran_order"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (), }", "shape"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 1), }", "shape"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (x,), }", "shape"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", "larger than the file"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (8589934592, 8589934592), }", "larger"},
      {"{}", "fortran_order"},
  };
  for (const auto& [dictionary, field] : cases) {
    const auto array = parse(npy_text(dictionary, "12345678"));
    ASSERT_FALSE(array) << dictionary;
    EXPECT_THAT(array.error().message(), HasSubstr(field)) << dictionary;
  }
}

TEST(NpyRead, TruncationAtEveryByteIsRefused) {
  const auto text =
      npy_text("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", "12345678");
  ASSERT_TRUE(parse(text));
  for (std::size_t size = 0; size < text.size(); ++size) EXPECT_FALSE(parse(text.substr(0, size)));
}

}  // namespace
}  // namespace tenon
