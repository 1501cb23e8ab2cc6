// Parts of a split model: NAME-00001-of-00003.gguf and so on. The first holds the metadata of the
// model, each some of its tensors and the keys split.no (from 0), split.count, split.tensors.count.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "framework/formats/gguf/metadata.hpp"

namespace tenon {

struct GgufPart {
  std::uint64_t index = 0, count = 1;    // index < count <= 65535
  std::optional<std::uint64_t> tensors;  // of all parts together
};

// A file without the keys is the only part of its model.
// Errors: ErrorCode::model for keys that contradict each other.
Result<GgufPart> read_gguf_part(const GgufMetadata& metadata);

// How the name of a part ends: "-00002-of-00003.gguf".
std::string gguf_part_ending(std::uint64_t index, std::uint64_t count);

// Where part `index` lies, told from the path of `part`; nothing if that is not named as a part.
std::optional<std::filesystem::path> find_gguf_part(const std::filesystem::path& path,
                                                    const GgufPart& part, std::uint64_t index);

}  // namespace tenon
