// The fixed start of a GGUF file: magic, version and the two counts.
#pragma once

#include <cstdint>

#include "framework/base/byte_reader.hpp"

namespace tenon {

struct GgufHeader {
  std::uint32_t version = 0;
  std::uint64_t n_tensors = 0;
  std::uint64_t n_entries = 0;
};

// The counts have been checked against the bytes left, so memory for them may be reserved.
Result<GgufHeader> read_gguf_header(ByteReader& reader, std::span<const std::byte> file);

}  // namespace tenon
