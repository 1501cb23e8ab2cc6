// The tensor table of a GGUF file: shapes, types and places, each checked against the file.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "framework/base/byte_reader.hpp"
#include "framework/formats/dtype.hpp"

namespace tenon {

struct GgufTensor {
  std::string name;
  const DType* dtype = nullptr;
  std::uint32_t rank = 0;             // 1..4
  std::array<std::int64_t, 4> dim{};  // dim[0] is outermost; 0 beyond rank
  std::int64_t elements = 0;
  std::uint64_t bytes = 0;
  std::uint32_t part = 0;           // of GgufFile::parts(), the file that holds it
  std::uint64_t offset = 0;         // of the data, from the start of that file
  std::span<const std::byte> data;  // a view of the file
  std::uint64_t info_offset = 0;    // of this tensor's row in the table, for messages

  std::int64_t row_elements() const { return dim[rank - 1]; }
  std::int64_t rows() const { return elements / row_elements(); }
};

// Whether a tensor of this name is a part of the model of text, whatever its architecture: without it
// the answers would be others. What is not (a tower for pictures) may be left out.
bool is_model_part(std::string_view name);

// The finding about tensors that nobody uses; "" if there are none. `first` is the name of one.
std::string unused_finding(std::size_t count, std::string_view first);

// `count` was checked against the size of the file. Offsets are still relative to the data.
Result<std::vector<GgufTensor>> read_gguf_tensors(ByteReader& reader, std::uint64_t count);

struct GgufLayout {
  std::span<const std::byte> bytes;  // the whole file
  std::string_view file;
  std::uint64_t alignment;
  std::uint64_t data_start;
};

// Makes offsets absolute and sets `data`; refuses what is misaligned, outside or overlapping.
Status place_gguf_tensors(std::vector<GgufTensor>& tensors, const GgufLayout& layout);

}  // namespace tenon
