// The bytes of a GGUF header.
#include "framework/synthesis/gguf_header.hpp"

#include <array>
#include <cstring>
#include <type_traits>
#include <variant>

namespace tenon {
namespace {

using Bytes = std::vector<std::byte>;

constexpr std::uint32_t k_version = 3;

void append_bytes(Bytes& out, std::span<const std::byte> bytes) {
  const std::size_t at = out.size();
  out.resize(at + bytes.size());
  if (!bytes.empty()) std::memcpy(out.data() + at, bytes.data(), bytes.size());
}

template <class T>
void append(Bytes& out, T value) {
  static_assert(std::is_arithmetic_v<T>);
  append_bytes(out, std::bit_cast<std::array<std::byte, sizeof(T)>>(value));
}

void append_text(Bytes& out, std::string_view text) {
  append(out, std::uint64_t{text.size()});
  append_bytes(out, std::as_bytes(std::span(text)));
}

void append_array_head(Bytes& out, GgufType element, std::uint64_t count) {
  append(out, static_cast<std::uint32_t>(element));
  append(out, count);
}

// The low bytes of a widened integer; a float is narrowed to what it was.
void append_scalar(Bytes& out, GgufType type, const GgufScalar& scalar) {
  if (type == GgufType::f32) return append(out, static_cast<float>(std::get<double>(scalar)));
  std::visit(
      [&](auto value) {
        const auto bytes = std::bit_cast<std::array<std::byte, sizeof(value)>>(value);
        const auto size = find_gguf_type(static_cast<std::uint32_t>(type))->bytes;
        append_bytes(out, std::span(bytes).first(size));
      },
      scalar);
}

std::uint64_t aligned(std::uint64_t size) {
  return (size + k_gguf_alignment - 1) / k_gguf_alignment * k_gguf_alignment;
}

void append_tensor(Bytes& out, const PlannedTensor& tensor) {
  append_text(out, tensor.name);
  append(out, static_cast<std::uint32_t>(tensor.dims.size()));
  for (auto dim = tensor.dims.rbegin(); dim != tensor.dims.rend(); ++dim) append(out, *dim);
  append(out, tensor.dtype->ggml_type);
  append(out, tensor.offset);
}

}  // namespace

void GgufHeader::put_key(std::string_view key, GgufType type) {
  append_text(entries_, key);
  append(entries_, static_cast<std::uint32_t>(type));
  ++n_entries_;
}

template <class T>
void GgufHeader::put(std::string_view key, GgufType type, T value) {
  put_key(key, type);
  append(entries_, value);
}
template void GgufHeader::put(std::string_view, GgufType, std::uint32_t);
template void GgufHeader::put(std::string_view, GgufType, float);
template void GgufHeader::put(std::string_view, GgufType, bool);

void GgufHeader::add(std::string_view key, std::string_view text) {
  put_key(key, GgufType::string);
  append_text(entries_, text);
}

void GgufHeader::add(std::string_view key, std::span<const std::string> texts) {
  put_key(key, GgufType::array);
  append_array_head(entries_, GgufType::string, texts.size());
  for (const std::string& text : texts) append_text(entries_, text);
}

void GgufHeader::add(std::string_view key, std::span<const std::int32_t> values) {
  put_key(key, GgufType::array);
  append_array_head(entries_, GgufType::i32, values.size());
  append_bytes(entries_, std::as_bytes(values));
}

void GgufHeader::copy(const GgufEntry& entry) {
  put_key(entry.name, entry.value.type);
  if (const auto* text = std::get_if<std::string_view>(&entry.value.payload))
    return append_text(entries_, *text);
  if (const auto* array = std::get_if<GgufArray>(&entry.value.payload)) {
    append_array_head(entries_, array->element(), array->size());
    return append_bytes(entries_, array->bytes());
  }
  append_scalar(entries_, entry.value.type, std::get<GgufScalar>(entry.value.payload));
}

void GgufHeader::add_tensor(std::string name, const DType& dtype, std::vector<std::int64_t> dims) {
  std::uint64_t elements = 1;
  for (const std::int64_t dim : dims) elements *= static_cast<std::uint64_t>(dim);
  const std::uint64_t bytes = elements / dtype.block_elements * dtype.block_bytes;
  const std::uint64_t offset =
      tensors_.empty() ? 0 : aligned(tensors_.back().offset + tensors_.back().bytes);
  tensors_.push_back({std::move(name), &dtype, std::move(dims), elements, bytes, offset});
}

std::uint64_t GgufHeader::data_bytes() const {
  return tensors_.empty() ? 0 : tensors_.back().offset + tensors_.back().bytes;
}

std::vector<std::byte> GgufHeader::bytes() const {
  Bytes out;
  append_bytes(out, std::as_bytes(std::span(std::string_view("GGUF"))));
  append(out, k_version);
  append(out, std::uint64_t{tensors_.size()});
  append(out, n_entries_);
  append_bytes(out, entries_);
  for (const PlannedTensor& tensor : tensors_) append_tensor(out, tensor);
  out.resize(aligned(out.size()));
  return out;
}

}  // namespace tenon
