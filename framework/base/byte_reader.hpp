// ByteReader: a bounds-checked cursor over untrusted little-endian bytes.
//   Every error names file, byte offset and field. Each byte is read once: the pages behind the
//   span may change or turn to zeros under us, so a checked number is never fetched again.
#pragma once

#include <fmt/format.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "framework/base/quoted.hpp"
#include "framework/base/result.hpp"

namespace tenon {

static_assert(std::endian::native == std::endian::little, "files are read in place");
static_assert(sizeof(std::size_t) == 8, "64-bit offsets");

// The item being read, for messages: `tensor 3 "blk.0.attn_q.weight"`. No kind: no item.
struct Subject {
  std::string_view kind;
  std::uint64_t index = 0;
  std::string_view name;
};

// "model.gguf: byte 24: tensor 3 "x": offset: what is wrong", with ErrorCode::model.
inline tl::unexpected<Error> fail_at(std::string_view file, std::uint64_t offset,
                                     const Subject& subject, std::string_view field,
                                     std::string_view what) {
  std::string item;
  if (!subject.kind.empty()) item = fmt::format(" {} {}", subject.kind, subject.index);
  if (!subject.name.empty()) item += fmt::format(" {}", quoted(subject.name));
  if (!item.empty()) item += ':';
  return fail(ErrorCode::model,
              fmt::format("{}: byte {}:{} {}: {}", file, offset, item, field, what));
}

class ByteReader {
 public:
  // Both views must outlive the reader.
  ByteReader(std::span<const std::byte> bytes, std::string_view file)
      : bytes_(bytes), file_(file) {}

  std::uint64_t offset() const { return offset_; }
  std::uint64_t remaining() const { return bytes_.size() - offset_; }
  std::string_view file() const { return file_; }
  void describe(const Subject& subject) { subject_ = subject; }

  template <class T>
  requires(std::is_arithmetic_v<T> &&
           !std::is_same_v<T, bool>) Result<T> read(std::string_view field) {
    if (remaining() < sizeof(T)) return short_of(sizeof(T), field);
    T value;
    std::memcpy(&value, bytes_.data() + offset_, sizeof(T));
    offset_ += sizeof(T);
    return value;
  }

  Result<std::span<const std::byte>> take(std::uint64_t count, std::string_view field) {
    if (remaining() < count) return short_of(count, field);
    const auto taken = bytes_.subspan(offset_, count);
    offset_ += count;
    return taken;
  }

  // A u64 length, then that many bytes. `limit` is the longest length accepted.
  Result<std::string_view> read_string(std::string_view field, std::uint64_t limit = UINT64_MAX) {
    const auto start = offset_;
    const auto length = read<std::uint64_t>(field);
    if (!length) return fail(length);
    if (*length > limit) {
      return error(start, field, fmt::format("length {} is over the limit {}", *length, limit));
    }
    const auto text = take(*length, field);
    if (!text) return fail(text);
    return std::string_view(reinterpret_cast<const char*>(text->data()), text->size());
  }

  tl::unexpected<Error> error(std::uint64_t at, std::string_view field,
                              std::string_view what) const {
    return fail_at(file_, at, subject_, field, what);
  }

 private:
  tl::unexpected<Error> short_of(std::uint64_t needed, std::string_view field) const {
    return error(offset_, field, fmt::format("needs {} bytes, {} left", needed, remaining()));
  }

  std::span<const std::byte> bytes_;
  std::string_view file_;
  Subject subject_;
  std::uint64_t offset_ = 0;
};

}  // namespace tenon
