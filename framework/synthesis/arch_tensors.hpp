// The tensors that an architecture wants of a file, asked for before there is one.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "framework/formats/gguf/gguf.hpp"
#include "framework/plugin/catalog.hpp"

namespace tenon {

struct ArchTensor {
  std::string name;
  bool optional = false;
  std::vector<std::int64_t> dims;  // outermost first
};

// `draft` holds the metadata and no tensors; the embedding will be `vocab` rows of `width` values.
// Errors: ErrorCode::unavailable if no plugin offers `arch`, ErrorCode::failed if it refuses the draft.
Result<std::vector<ArchTensor>> arch_tensors(const GgufFile& draft, std::string_view arch,
                                             std::int64_t vocab, std::int64_t width,
                                             const HostTable& host, const Catalog& catalog);

}  // namespace tenon
