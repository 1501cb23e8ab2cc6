// The base of the framework: bounds-checked reading, mapping, hashing, files that appear whole.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <fstream>

#include "framework/base/atomic_file.hpp"
#include "framework/base/byte_reader.hpp"
#include "framework/base/mapped_file.hpp"
#include "framework/base/sha256.hpp"

namespace tenon {
namespace {

using ::testing::HasSubstr;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

class BaseTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("tenon_base_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path make(const std::string& name, std::string_view text) const {
    const auto path = folder_ / name;
    std::ofstream(path, std::ios::binary).write(text.data(), static_cast<long>(text.size()));
    return path;
  }

  std::filesystem::path folder_;
};

TEST(ByteReader, ReadsInOrderAndStopsAtTheEnd) {
  ByteReader reader(bytes_of(std::string_view("\1\2\0\3", 4)), "f");
  EXPECT_EQ(reader.read<std::uint8_t>("a").value(), 1);
  EXPECT_EQ(reader.read<std::uint16_t>("b").value(), 2);
  EXPECT_EQ(reader.remaining(), 1U);
  const auto past = reader.read<std::uint16_t>("c");
  ASSERT_FALSE(past);
  EXPECT_EQ(past.error().code(), ErrorCode::model);
  EXPECT_EQ(past.error().message(), "f: byte 3: c: needs 2 bytes, 1 left");
  EXPECT_EQ(reader.offset(), 3U);  // a refused read consumes nothing
  EXPECT_EQ(reader.read<std::uint8_t>("d").value(), 3);
}

TEST(ByteReader, HugeCountsDoNotWrap) {
  ByteReader reader(bytes_of("abcd"), "f");
  ASSERT_TRUE(reader.take(2, "a"));
  EXPECT_FALSE(reader.take(UINT64_MAX, "b"));
  EXPECT_FALSE(reader.take(UINT64_MAX - 1, "b"));
  EXPECT_TRUE(reader.take(2, "c"));
}

TEST(ByteReader, ErrorsNameTheItem) {
  ByteReader reader({}, "f");
  reader.describe({"tensor", 3, "a\nb"});
  EXPECT_EQ(reader.read<float>("offset").error().message(),
            "f: byte 0: tensor 3 \"a\\x0ab\": offset: needs 4 bytes, 0 left");
}

TEST(Quoted, CutsLongText) {
  EXPECT_EQ(quoted("abc"), "\"abc\"");
  EXPECT_EQ(quoted("abcdef", 3), "\"abc…\"");
}

TEST_F(BaseTest, MapsAFile) {
  const auto path = make("f", std::string(10000, 'x') + "end");
  auto file = MappedFile::open(path);
  ASSERT_TRUE(file) << file.error().message();
  EXPECT_EQ(file->size(), 10003U);
  EXPECT_EQ(file->path(), path);
  const MappedFile moved = std::move(*file);
  EXPECT_EQ(std::to_integer<char>(moved.bytes()[10002]), 'd');
}

TEST_F(BaseTest, AdviceTakesAnyRangeAndKeepsTheBytes) {
  const auto file = MappedFile::open(make("f", std::string(20000, 'x')));
  for (const std::uint64_t offset : {0UL, 1UL, 4095UL, 4096UL, 19999UL, 20000UL, UINT64_MAX}) {
    for (const std::uint64_t count : {0UL, 1UL, 4096UL, 20000UL, UINT64_MAX}) {
      file->drop(offset, count);
    }
  }
  for (const std::byte byte : file->bytes()) ASSERT_EQ(std::to_integer<char>(byte), 'x');
}

TEST_F(BaseTest, RefusesWhatIsNoRegularFile) {
  const auto fifo = folder_ / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  const std::pair<std::filesystem::path, std::string> cases[] = {
      {folder_, "not a regular file"},
      {fifo, "not a regular file"},
      {make("empty", ""), "the file is empty"},
      {folder_ / "none", "cannot open: No such file"},
  };
  for (const auto& [path, why] : cases) {
    const auto file = MappedFile::open(path);
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().code(), ErrorCode::model);
    EXPECT_THAT(file.error().message(), HasSubstr(path.string() + ": " + why));
  }
}

// FIPS 180-2, appendix B.
TEST_F(BaseTest, Sha256OfKnownText) {
  const std::string abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  EXPECT_EQ(sha256_hex(bytes_of("abc")).value(), abc);
  const auto of_file = [&](const std::string& text) {
    const int fd = ::open(make("text", text).c_str(), O_RDONLY | O_CLOEXEC);
    const auto hex = sha256_hex_fd(fd, "text");
    ::close(fd);
    return hex.value();
  };
  EXPECT_EQ(of_file("abc"), abc);
  const std::string million(1'000'000, 'a');
  const std::string long_hex = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
  EXPECT_EQ(sha256_hex(bytes_of(million)).value(), long_hex);
  // Longer than one chunk, so that the streaming is seen too.
  const std::string three = million + million + million;
  EXPECT_EQ(of_file(three), sha256_hex(bytes_of(three)).value());
  EXPECT_THAT(sha256_hex_fd(-1, "none").error().message(), HasSubstr("none: cannot read"));
}

TEST_F(BaseTest, AtomicFileReplacesOnlyOnCommit) {
  const auto path = make("target", "old");
  auto file = AtomicFile::create(path);
  ASSERT_TRUE(file) << file.error().message();
  ASSERT_TRUE(file->append(bytes_of("new text")));
  ASSERT_TRUE(file->write_at(0, bytes_of("N")));
  ASSERT_TRUE(file->append(bytes_of("!")));
  EXPECT_EQ(MappedFile::open(path)->size(), 3U);
  ASSERT_TRUE(file->commit());
  const auto mapped = MappedFile::open(path);
  ASSERT_EQ(mapped->size(), 9U);
  EXPECT_EQ(std::memcmp(mapped->bytes().data(), "New text!", 9), 0);
}

}  // namespace
}  // namespace tenon
