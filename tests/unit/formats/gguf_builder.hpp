// GgufBuilder: GGUF bytes made in memory, honest by default, with any field open to a lie.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "framework/formats/dtype.hpp"
#include "framework/formats/gguf/value.hpp"

namespace tenon::testing {

using Bytes = std::vector<std::byte>;

template <class T>
void put(Bytes& out, T value) {
  static_assert(std::is_arithmetic_v<T>);
  const auto* from = reinterpret_cast<const std::byte*>(&value);
  out.insert(out.end(), from, from + sizeof(T));
}

inline void put_text(Bytes& out, std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  out.insert(out.end(), bytes.begin(), bytes.end());
}

inline void put_string(Bytes& out, std::string_view text) {
  put<std::uint64_t>(out, text.size());
  put_text(out, text);
}

template <class T>
constexpr GgufType gguf_type_of() {
  if constexpr (std::is_same_v<T, bool>) return GgufType::boolean;
  if constexpr (std::is_same_v<T, std::uint8_t>) return GgufType::u8;
  if constexpr (std::is_same_v<T, std::int8_t>) return GgufType::i8;
  if constexpr (std::is_same_v<T, std::uint16_t>) return GgufType::u16;
  if constexpr (std::is_same_v<T, std::int16_t>) return GgufType::i16;
  if constexpr (std::is_same_v<T, std::uint32_t>) return GgufType::u32;
  if constexpr (std::is_same_v<T, std::int32_t>) return GgufType::i32;
  if constexpr (std::is_same_v<T, float>) return GgufType::f32;
  if constexpr (std::is_same_v<T, std::uint64_t>) return GgufType::u64;
  if constexpr (std::is_same_v<T, std::int64_t>) return GgufType::i64;
  if constexpr (std::is_same_v<T, double>) return GgufType::f64;
}

class GgufBuilder {
 public:
  // The lies. Counts and alignment are the honest ones unless set.
  std::string magic = "GGUF";
  std::uint32_t version = 3;
  std::optional<std::uint64_t> n_tensors, n_entries;
  std::uint64_t alignment = 32;  // used for the layout; the key has to be added by hand

  // `value` as stored, after the type number.
  GgufBuilder& raw(std::string_view key, std::uint32_t type, const Bytes& value) {
    put_string(entries_, key);
    put(entries_, type);
    entries_.insert(entries_.end(), value.begin(), value.end());
    ++entry_count_;
    return *this;
  }

  template <class T>
  GgufBuilder& scalar(std::string_view key, T value) {
    Bytes bytes;
    put(bytes, value);
    return raw(key, number(gguf_type_of<T>()), bytes);
  }

  GgufBuilder& string(std::string_view key, std::string_view text) {
    Bytes bytes;
    put_string(bytes, text);
    return raw(key, number(GgufType::string), bytes);
  }

  template <class T>
  GgufBuilder& array(std::string_view key, const std::vector<T>& values) {
    Bytes bytes = array_start(gguf_type_of<T>(), values.size());
    for (const T value : values) put(bytes, value);
    return raw(key, number(GgufType::array), bytes);
  }

  GgufBuilder& strings(std::string_view key, const std::vector<std::string>& values) {
    Bytes bytes = array_start(GgufType::string, values.size());
    for (const auto& value : values) put_string(bytes, value);
    return raw(key, number(GgufType::array), bytes);
  }

  struct Tensor {
    std::string name;
    std::vector<std::uint64_t> dims;  // outermost first
    std::uint32_t ggml_type = 0;
    Bytes data;
    std::optional<std::uint64_t> offset;  // relative to the data; follows the one before if unset
  };

  GgufBuilder& tensor(Tensor tensor) {
    tensors_.push_back(std::move(tensor));
    return *this;
  }

  // Data of the right size, bytes 0, 1, 2, …
  GgufBuilder& tensor(std::string name, std::vector<std::uint64_t> dims, std::string_view dtype) {
    const DType& type = *find_dtype(dtype);
    std::uint64_t elements = 1;
    for (const auto dim : dims) elements *= dim;
    Bytes data(elements / type.block_elements * type.block_bytes);
    for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::byte>(i & 0xff);
    return tensor({std::move(name), std::move(dims), type.ggml_type, std::move(data), {}});
  }

  Bytes build() const {
    Bytes out;
    put_text(out, magic);
    put(out, version);
    put<std::uint64_t>(out, n_tensors.value_or(tensors_.size()));
    put<std::uint64_t>(out, n_entries.value_or(entry_count_));
    out.insert(out.end(), entries_.begin(), entries_.end());
    Bytes data;
    for (const auto& tensor : tensors_) put_tensor(out, data, tensor);
    if (!tensors_.empty()) pad(out);
    out.insert(out.end(), data.begin(), data.end());
    return out;
  }

 private:
  static std::uint32_t number(GgufType type) { return static_cast<std::uint32_t>(type); }

  static Bytes array_start(GgufType element, std::uint64_t count) {
    Bytes bytes;
    put(bytes, number(element));
    put(bytes, count);
    return bytes;
  }

  void pad(Bytes& out) const {
    if (alignment > 1) out.resize((out.size() + alignment - 1) / alignment * alignment);
  }

  void put_tensor(Bytes& out, Bytes& data, const Tensor& tensor) const {
    put_string(out, tensor.name);
    put(out, static_cast<std::uint32_t>(tensor.dims.size()));
    for (auto dim = tensor.dims.rbegin(); dim != tensor.dims.rend(); ++dim) put(out, *dim);
    put(out, tensor.ggml_type);
    pad(data);
    put<std::uint64_t>(out, tensor.offset.value_or(data.size()));
    data.insert(data.end(), tensor.data.begin(), tensor.data.end());
  }

  Bytes entries_;
  std::uint64_t entry_count_ = 0;
  std::vector<Tensor> tensors_;
};

// A small honest file with every kind of value.
inline GgufBuilder tiny_gguf() {
  GgufBuilder file;
  file.string("general.architecture", "llama")
      .scalar<std::uint8_t>("n.u8", 200)
      .scalar<std::int8_t>("n.i8", -5)
      .scalar<std::uint32_t>("llama.block_count", 2)
      .scalar<std::int64_t>("n.i64", -(std::int64_t{1} << 40))
      .scalar<std::uint64_t>("n.u64", UINT64_MAX)
      .scalar<float>("n.f32", 1.5F)
      .scalar<double>("n.f64", 1e-300)
      .scalar<bool>("n.bool", true)
      .strings("tokens", {"a", "", "ccc"})
      .array<float>("scores", {0.5F, -1.0F})
      .array<std::int32_t>("types", {1, -2, 3})
      .array<bool>("pattern", {true, false})
      .tensor("token_embd.weight", {3, 64}, "q4_0")
      .tensor("blk.0.attn_norm.weight", {8}, "f32")
      .tensor("cube", {2, 3, 4, 5}, "f16");
  return file;
}

}  // namespace tenon::testing
