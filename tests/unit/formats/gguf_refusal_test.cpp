// Lying GGUF files, one lie each: refused with file, byte offset and field.
#include <gmock/gmock.h>

#include <functional>
#include <string>

#include "framework/formats/gguf/gguf.hpp"
#include "tests/unit/formats/gguf_builder.hpp"

namespace tenon::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string refusal(const Bytes& bytes) {
  const auto file = GgufFile::parse(bytes, "bad.gguf");
  if (file) return "accepted";
  EXPECT_EQ(file.error().code(), ErrorCode::model);
  return file.error().message();
}

std::string refusal(const GgufBuilder& builder) { return refusal(builder.build()); }

Bytes text_bytes(std::string_view text) {
  Bytes bytes;
  put_text(bytes, text);
  return bytes;
}

template <class T>
Bytes number_bytes(T value) {
  Bytes bytes;
  put(bytes, value);
  return bytes;
}

Bytes array_bytes(std::uint32_t element, std::uint64_t count) {
  Bytes bytes;
  put(bytes, element);
  put(bytes, count);
  return bytes;
}

constexpr std::uint32_t k_bool = 7, k_string = 8, k_array = 9;

TEST(GgufRefusal, OtherFilesAreNamed) {
  const std::pair<std::string, std::string> cases[] = {
      {"FUGG\0\0\0\3", "byte-swapped"},
      {std::string("PK\3\4aaaaaaaa"), "zip archive"},
      {"<!DOCTYPE html>", "HTML page"},
      {std::string("\x10\0\0\0\0\0\0\0{\"__metadata__\"", 24), "safetensors"},
      {"version https://git-lfs.github.com/spec/v1", "git-lfs pointer"},
      {"tjgg1234", "GGJT"},
      {"abcdefgh", "it starts with \"abcd\""},
  };
  for (const auto& [start, kind] : cases) {
    const auto message = refusal(text_bytes(start));
    EXPECT_THAT(message, StartsWith("bad.gguf: byte 0: magic: this is not a GGUF file"));
    EXPECT_THAT(message, HasSubstr(kind));
  }
}

TEST(GgufRefusal, Versions) {
  const std::pair<std::uint32_t, std::string> cases[] = {
      {1, "GGUF version 1 is not supported"},
      {0, "GGUF version 0 is not supported"},
      {4, "GGUF version 4 is not supported"},
      {0x03000000, "big-endian"},
  };
  for (const auto& [version, why] : cases) {
    auto builder = tiny_gguf();
    builder.version = version;
    EXPECT_THAT(refusal(builder), StartsWith("bad.gguf: byte 4: version: "));
    EXPECT_THAT(refusal(builder), HasSubstr(why));
  }
}

// 2^63 entries of 14 bytes are 0 bytes if one multiplies first.
TEST(GgufRefusal, CountsThatDoNotFitTheFile) {
  constexpr std::uint64_t k_lies[] = {1000, std::uint64_t{1} << 60, std::uint64_t{1} << 63,
                                      UINT64_MAX};
  for (const std::uint64_t lie : k_lies) {
    const auto items = std::to_string(lie) + " items of ";
    auto tensors = tiny_gguf();
    tensors.n_tensors = lie;
    EXPECT_THAT(refusal(tensors), StartsWith("bad.gguf: byte 8: tensor count: " + items));
    auto entries = tiny_gguf();
    entries.n_entries = lie;
    EXPECT_THAT(refusal(entries), StartsWith("bad.gguf: byte 16: metadata count: " + items));
  }
}

TEST(GgufRefusal, CountsOverTheLimit) {
  GgufBuilder builder;
  builder.n_entries = (std::uint64_t{1} << 20) + 1;
  auto bytes = builder.build();
  bytes.resize(std::size_t{16} << 20);
  EXPECT_THAT(refusal(bytes), HasSubstr("byte 16: metadata count: 1048577 is over the limit"));
}

TEST(GgufRefusal, CountOneTooManyReadsPastTheTable) {
  auto builder = GgufBuilder().scalar<std::uint32_t>("a", 1);
  builder.n_entries = 2;
  auto bytes = builder.build();
  bytes.resize(bytes.size() + 14);  // zeros: an entry with an empty key
  EXPECT_THAT(refusal(bytes), HasSubstr("metadata entry 1: key: the key is empty"));
}

TEST(GgufRefusal, StringLengths) {
  const auto said = [](std::uint64_t lie) {
    return refusal(GgufBuilder().raw("text", k_string, number_bytes(lie)));
  };
  EXPECT_THAT(said(100), StartsWith("bad.gguf: byte 48: metadata entry 0 \"text\": value: needs "));
  for (const std::uint64_t lie : {std::uint64_t{1} << 63, UINT64_MAX})
    EXPECT_THAT(said(lie),
                StartsWith("bad.gguf: byte 40: metadata entry 0 \"text\": value: length"));
}

TEST(GgufRefusal, KeysEmptyTooLongTwice) {
  EXPECT_THAT(refusal(GgufBuilder().string("", "x")),
              StartsWith("bad.gguf: byte 24: metadata entry 0: key: the key is empty"));
  const std::string longest(65535, 'k');
  EXPECT_EQ(refusal(GgufBuilder().string(longest, "x")), "accepted");
  EXPECT_THAT(refusal(GgufBuilder().string(longest + "k", "x")),
              StartsWith("bad.gguf: byte 24: metadata entry 0: key: length 65536"));
  EXPECT_THAT(refusal(GgufBuilder().string("a", "x").string("b", "").string("a", "y")),
              HasSubstr("metadata entry 2 \"a\": value: this key occurs twice"));
}

TEST(GgufRefusal, HostileNamesAreEscaped) {
  const auto message = refusal(GgufBuilder().string("\x1b[2J\n", "x").string("\x1b[2J\n", "y"));
  EXPECT_THAT(message, HasSubstr("\"\\x1b[2J\\x0a\""));
}

TEST(GgufRefusal, ValueTypes) {
  EXPECT_THAT(refusal(GgufBuilder().raw("k", 13, Bytes(8))),
              HasSubstr("byte 33: metadata entry 0 \"k\": value type: 13 is no GGUF value type"));
  EXPECT_THAT(refusal(GgufBuilder().raw("k", k_array, array_bytes(99, 0))),
              HasSubstr("byte 37: metadata entry 0 \"k\": array element type: 99"));
}

TEST(GgufRefusal, BoolsOtherThanZeroAndOne) {
  EXPECT_THAT(refusal(GgufBuilder().raw("k", k_bool, number_bytes<std::uint8_t>(2))),
              HasSubstr("byte 37: metadata entry 0 \"k\": value: bool is 2, not 0 or 1"));
  auto list = array_bytes(k_bool, 3);
  for (const int value : {1, 0, 255}) list.push_back(static_cast<std::byte>(value));
  EXPECT_THAT(refusal(GgufBuilder().raw("k", k_array, list)),
              HasSubstr("byte 51: metadata entry 0 \"k\": value: bool is 255"));
}

TEST(GgufRefusal, ArrayCounts) {
  for (const std::uint32_t element : {0U, 4U, 10U, k_string}) {
    for (const std::uint64_t lie : {std::uint64_t{1} << 61, UINT64_MAX, std::uint64_t{2}}) {
      EXPECT_THAT(refusal(GgufBuilder().raw("k", k_array, array_bytes(element, lie))),
                  HasSubstr("byte 41: metadata entry 0 \"k\": array count: "));
    }
  }
}

TEST(GgufRefusal, ArrayStringPastTheEnd) {
  auto bytes = array_bytes(k_string, 2);
  put_string(bytes, "fine");
  put<std::uint64_t>(bytes, UINT64_MAX - 3);
  EXPECT_THAT(refusal(GgufBuilder().raw("k", k_array, bytes)),
              HasSubstr("byte 69: metadata entry 0 \"k\": array string: needs "));
}

TEST(GgufRefusal, NestedArrays) {
  EXPECT_THAT(refusal(GgufBuilder().raw("k", k_array, array_bytes(k_array, 0))),
              HasSubstr("byte 37: metadata entry 0 \"k\": array element type: arrays of arrays"));
}

TEST(GgufRefusal, Alignment) {
  for (const std::uint32_t lie : {0U, 1U, 4U, 24U, 48U, 1U << 21, UINT32_MAX}) {
    auto builder = tiny_gguf();
    EXPECT_THAT(refusal(builder.scalar("general.alignment", lie)),
                HasSubstr("\"general.alignment\": value: " + std::to_string(lie) +
                          " is not a power of two"));
  }
  EXPECT_THAT(refusal(tiny_gguf().string("general.alignment", "32")),
              HasSubstr("\"general.alignment\": value: wrong type"));
}

// What a row of the tensor table can lie about. The table of these files starts at byte 24.
std::string tensor_refusal(GgufBuilder::Tensor tensor) {
  return refusal(GgufBuilder().tensor(std::move(tensor)));
}

TEST(GgufRefusal, TensorNames) {
  EXPECT_THAT(tensor_refusal({"", {4}, 0, Bytes(16), {}}),
              StartsWith("bad.gguf: byte 24: tensor 0: name: the name is empty"));
  EXPECT_THAT(tensor_refusal({std::string(256, 'n'), {4}, 0, Bytes(16), {}}),
              StartsWith("bad.gguf: byte 24: tensor 0: name: length 256 is over"));
  EXPECT_THAT(refusal(GgufBuilder().tensor("t", {4}, "f32").tensor("t", {4}, "f32")),
              HasSubstr("tensor 1 \"t\": name: this name occurs twice"));
}

TEST(GgufRefusal, TensorShapes) {
  EXPECT_THAT(tensor_refusal({"t", {}, 0, Bytes(4), {}}),
              StartsWith("bad.gguf: byte 33: tensor 0 \"t\": rank: 0 is not 1 to 4"));
  EXPECT_THAT(tensor_refusal({"t", {1, 1, 1, 1, 1}, 0, Bytes(4), {}}), HasSubstr("rank: 5"));
  EXPECT_THAT(tensor_refusal({"t", {4, 0}, 0, Bytes(4), {}}),
              StartsWith("bad.gguf: byte 37: tensor 0 \"t\": dimension: dimension 0 is zero"));
  constexpr std::uint64_t k_big = std::uint64_t{1} << 32;
  EXPECT_THAT(tensor_refusal({"t", {k_big, k_big}, 0, Bytes(4), {}}),
              StartsWith("bad.gguf: byte 45: tensor 0 \"t\": dimension: 4294967296 overflows"));
  EXPECT_THAT(tensor_refusal({"t", {k_big << 31}, 0, Bytes(4), {}}), HasSubstr("overflows"));
  EXPECT_THAT(tensor_refusal({"t", {k_big << 30}, 0, Bytes(4), {}}),
              HasSubstr("size in bytes overflows"));
}

TEST(GgufRefusal, TensorTypes) {
  EXPECT_THAT(tensor_refusal({"t", {4}, 4, Bytes(16), {}}),
              StartsWith("bad.gguf: byte 45: tensor 0 \"t\": type: ggml type 4 is not supported"));
  EXPECT_THAT(tensor_refusal({"t", {64, 48}, 2, Bytes(1728), {}}),
              HasSubstr("type: a row of 48 elements is not whole q4_0 blocks of 32"));
}

TEST(GgufRefusal, TensorOffsets) {
  const auto with_offset = [](std::uint64_t offset) {
    return tensor_refusal({"t", {8}, 0, Bytes(64), offset});
  };
  EXPECT_EQ(with_offset(32), "accepted");
  EXPECT_THAT(with_offset(16), HasSubstr("byte 24: tensor 0 \"t\": offset: 16 is no multiple"));
  EXPECT_THAT(with_offset(64), HasSubstr("offset: 32 bytes at 64"));
  // Wraps back inside the file when added to the start of the data.
  EXPECT_THAT(with_offset(UINT64_MAX - 31), HasSubstr("end beyond the file"));
  EXPECT_THAT(with_offset(UINT64_MAX - 63), HasSubstr("end beyond the file"));
  EXPECT_THAT(tensor_refusal({"t", {std::uint64_t{1} << 60}, 0, Bytes(64), {}}),
              HasSubstr("end beyond the file"));
}

TEST(GgufRefusal, OverlappingTensors) {
  GgufBuilder builder;
  builder.tensor({"late", {16}, 0, Bytes(64), 32}).tensor({"early", {16}, 0, Bytes(64), 0});
  EXPECT_THAT(refusal(builder),
              HasSubstr("tensor 0 \"late\": offset: its data overlaps that of tensor \"early\""));
  GgufBuilder same;
  same.tensor({"a", {8}, 0, Bytes(32), 0}).tensor({"b", {8}, 0, Bytes(32), 0});
  EXPECT_THAT(refusal(same), HasSubstr("tensor 1 \"b\": offset: its data overlaps"));
}

}  // namespace
}  // namespace tenon::testing
