// .npy version 1.0 out; 1.0, 2.0 and 3.0 in.
#include "framework/formats/npy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>
#include <utility>

#include "framework/base/byte_reader.hpp"
#include "framework/base/mapped_file.hpp"

namespace tenon {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view k_magic = "\x93NUMPY"sv;
constexpr std::size_t k_prefix_bytes = 10;   // magic, version, u16 length
constexpr std::size_t k_header_bytes = 128;  // room for any shape, so that it can be rewritten

// As in the variant of NpyArray.
constexpr const char* k_types[] = {"<f4", "<i4", "|u1"};

std::string header(std::uint64_t rows, std::uint64_t cols, std::size_t type = 0) {
  auto text = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}, {}), }}",
                          k_types[type], rows, cols);
  text.resize(k_header_bytes - k_prefix_bytes - 1, ' ');
  text += '\n';
  const auto length = static_cast<char>(text.size());
  return std::string(k_magic) + '\x01' + '\0' + length + '\0' + text;
}

std::span<const std::byte> as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

// What follows `'key':` in the header's dictionary, without leading blanks.
std::optional<std::string_view> after_key(std::string_view text, std::string_view key) {
  const auto at = text.find(fmt::format("'{}':", key));
  if (at == std::string_view::npos) return std::nullopt;
  const auto value = text.find_first_not_of(' ', at + key.size() + 3);
  if (value == std::string_view::npos) return std::nullopt;
  return text.substr(value);
}

// "(3, 4)" or "(3,)"; nullopt for anything but one or two numbers.
std::optional<std::vector<std::uint64_t>> parse_shape(std::string_view text) {
  const auto close = text.find(')');
  if (!text.starts_with('(') || close == std::string_view::npos) return std::nullopt;
  text = text.substr(1, close - 1);
  std::vector<std::uint64_t> shape;
  while (!text.empty()) {
    std::uint64_t axis = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), axis);
    if (code != std::errc() || shape.size() == 2) return std::nullopt;
    shape.push_back(axis);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (!text.empty() && text.front() != ',') return std::nullopt;
    text.remove_prefix(std::min(text.size(), text.find_first_not_of(", ")));
  }
  if (shape.empty()) return std::nullopt;
  return shape;
}

Result<std::string_view> read_header_text(ByteReader& reader) {
  const auto magic = reader.take(k_magic.size(), "magic");
  if (!magic) return fail(magic);
  if (std::memcmp(magic->data(), k_magic.data(), k_magic.size()) != 0) {
    return reader.error(0, "magic", "this is not a .npy file");
  }
  const auto version = reader.read<std::uint16_t>("version");
  if (!version) return fail(version);
  const bool short_length = (*version & 0xffU) == 1;
  const auto length =
      short_length
          ? reader.read<std::uint16_t>("header length").map([](auto n) { return std::uint32_t{n}; })
          : reader.read<std::uint32_t>("header length");
  if (!length) return fail(length);
  const auto text = reader.take(*length, "header");
  if (!text) return fail(text);
  return std::string_view(reinterpret_cast<const char*>(text->data()), text->size());
}

template <class T>
Result<NpyArray> read_values(ByteReader& reader, std::vector<std::uint64_t> shape) {
  std::uint64_t count = 1;
  for (const auto axis : shape) {
    if (axis != 0 && count > reader.remaining() / axis) {
      return reader.error(reader.offset(), "shape", "it is larger than the file");
    }
    count *= axis;
  }
  if (count > reader.remaining() / sizeof(T)) {
    return reader.error(reader.offset(), "shape", "it is larger than the file");
  }
  const auto bytes = reader.take(count * sizeof(T), "values");
  if (!bytes) return fail(bytes);
  std::vector<T> values(count);
  if (count > 0) std::memcpy(values.data(), bytes->data(), bytes->size());
  return NpyArray{std::move(shape), std::move(values)};
}

}  // namespace

Result<NpyWriter> NpyWriter::create(const std::filesystem::path& path, std::uint64_t cols,
                                    std::uint64_t expected_rows) {
  if (cols == 0) return fail(ErrorCode::failed, fmt::format("{}: no columns", path.string()));
  auto file = AtomicFile::create(path);
  if (!file) return fail(file);
  if (auto written = file->append(as_bytes(header(expected_rows, cols))); !written) {
    return fail(written);
  }
  return NpyWriter(std::move(*file), cols, expected_rows);
}

Status NpyWriter::append(std::span<const float> rows) {
  if (rows.size() % cols_ != 0) {
    return fail(ErrorCode::failed, fmt::format("{}: {} values are not whole rows of {}",
                                               file_.target().string(), rows.size(), cols_));
  }
  rows_ += rows.size() / cols_;
  return file_.append(std::as_bytes(rows));
}

Status NpyWriter::finish() {
  if (rows_ != expected_rows_)
    if (auto written = file_.write_at(0, as_bytes(header(rows_, cols_))); !written) return written;
  return file_.commit();
}

Status write_npy(const std::filesystem::path& path, const NpyArray& array) {
  auto file = AtomicFile::create(path);
  if (!file) return fail(file);
  const std::string head = header(array.shape[0], array.shape[1], array.values.index());
  if (Status s = file->append(as_bytes(head)); !s) return s;
  const auto bytes =
      std::visit([](const auto& values) { return std::as_bytes(std::span(values)); }, array.values);
  if (Status s = file->append(bytes); !s) return s;
  return file->commit();
}

Result<NpyArray> parse_npy(std::span<const std::byte> bytes, const std::string& name) {
  ByteReader reader(bytes, name);
  const auto text = read_header_text(reader);
  if (!text) return fail(text);
  const auto start = reader.offset() - text->size();
  const auto order = after_key(*text, "fortran_order");
  if (!order || !order->starts_with("False")) {
    return reader.error(start, "fortran_order", "only False is read");
  }
  const auto shape_text = after_key(*text, "shape");
  auto shape = shape_text ? parse_shape(*shape_text) : std::nullopt;
  if (!shape) return reader.error(start, "shape", "only one or two axes are read");
  const auto type = after_key(*text, "descr").value_or("");
  if (type.starts_with("'<f4'")) return read_values<float>(reader, std::move(*shape));
  if (type.starts_with("'<i4'")) return read_values<std::int32_t>(reader, std::move(*shape));
  if (type.starts_with("'|u1'")) return read_values<std::uint8_t>(reader, std::move(*shape));
  return reader.error(start, "descr",
                      fmt::format("only '<f4', '<i4' and '|u1' are read, not {}",
                                  quoted(type.substr(0, type.find(',')))));
}

Result<NpyArray> read_npy(const std::filesystem::path& path) {
  const auto file = MappedFile::open(path);
  if (!file) return fail(file);
  return parse_npy(file->bytes(), path.string());
}

}  // namespace tenon
