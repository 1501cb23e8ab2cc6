// GgufHeader: the head of a GGUF file (version 3) under construction: metadata, and the table that
// says where the data of each tensor goes.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "framework/formats/dtype.hpp"
#include "framework/formats/gguf/metadata.hpp"

namespace tenon {

static_assert(std::endian::native == std::endian::little, "values are written as they lie here");

inline constexpr std::uint64_t k_gguf_alignment = 32;  // of the data of each tensor

struct PlannedTensor {
  std::string name;
  const DType* dtype = nullptr;
  std::vector<std::int64_t> dims;  // outermost first
  std::uint64_t elements = 0, bytes = 0;
  std::uint64_t offset = 0;  // from the start of the data
};

class GgufHeader {
 public:
  // Keys are not looked for twice: who writes them knows them.
  void add(std::string_view key, std::string_view text);
  void add(std::string_view key, std::span<const std::string> texts);
  void add(std::string_view key, std::uint32_t value) { put(key, GgufType::u32, value); }
  void add(std::string_view key, float value) { put(key, GgufType::f32, value); }
  void add(std::string_view key, std::same_as<bool> auto value) {
    put(key, GgufType::boolean, value);
  }
  void add(std::string_view key, std::span<const std::int32_t> values);
  void add(std::string_view key, const char* text) { add(key, std::string_view(text)); }
  // As it stands in the other file.
  void copy(const GgufEntry& entry);

  // The data follows that of the tensor before it, aligned. Rows are whole blocks.
  void add_tensor(std::string name, const DType& dtype, std::vector<std::int64_t> dims);
  const std::vector<PlannedTensor>& tensors() const { return tensors_; }
  std::uint64_t data_bytes() const;

  // Up to where the data begins.
  std::vector<std::byte> bytes() const;

 private:
  void put_key(std::string_view key, GgufType type);
  template <class T>
  void put(std::string_view key, GgufType type, T value);

  std::vector<std::byte> entries_;
  std::uint64_t n_entries_ = 0;
  std::vector<PlannedTensor> tensors_;
};

}  // namespace tenon
