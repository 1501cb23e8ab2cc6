// The keys and the names of parts.
#include "framework/formats/gguf/parts.hpp"

#include <fmt/format.h>

#include <string_view>

namespace tenon {
namespace {

constexpr std::string_view k_index_key = "split.no";
constexpr std::string_view k_count_key = "split.count";
constexpr std::string_view k_tensors_key = "split.tensors.count";
constexpr std::uint64_t k_max_parts = 65535;  // the keys have 16 bits

}  // namespace

Result<GgufPart> read_gguf_part(const GgufMetadata& metadata) {
  const auto index = metadata.get_u64(k_index_key);
  const auto count = metadata.get_u64(k_count_key);
  const auto tensors = metadata.get_u64(k_tensors_key);
  if (!count) return fail(count);
  if (count->value_or(1) <= 1) return GgufPart();
  if (!index) return fail(index);
  if (!tensors) return fail(tensors);
  const GgufEntry& entry = *metadata.find(k_count_key);
  if (**count > k_max_parts)
    return metadata.error(entry, fmt::format("there may be at most {} parts", k_max_parts));
  if (!*index)
    return metadata.error(entry, fmt::format("which part this is, {}, is missing", k_index_key));
  if (**index >= **count)
    return metadata.error(
        *metadata.find(k_index_key),
        fmt::format("{} is not below {}, which is {}", **index, k_count_key, **count));
  return GgufPart{**index, **count, *tensors};
}

std::string gguf_part_ending(std::uint64_t index, std::uint64_t count) {
  return fmt::format("-{:05}-of-{:05}.gguf", index + 1, count);
}

std::optional<std::filesystem::path> find_gguf_part(const std::filesystem::path& path,
                                                    const GgufPart& part, std::uint64_t index) {
  std::string name = path.filename().string();
  const std::string ending = gguf_part_ending(part.index, part.count);
  if (!name.ends_with(ending)) return std::nullopt;
  name.resize(name.size() - ending.size());
  return path.parent_path() / (name + gguf_part_ending(index, part.count));
}

}  // namespace tenon
