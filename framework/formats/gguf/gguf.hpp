// GgufFile: a GGUF model file (version 2 or 3), mapped, every number checked before it is used.
//   Metadata strings, arrays and tensor data are views of the mapping: they live as long as this.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "framework/base/mapped_file.hpp"
#include "framework/formats/gguf/metadata.hpp"
#include "framework/formats/gguf/tensors.hpp"

namespace tenon {

class GgufFile {
 public:
  static Result<GgufFile> open(const std::filesystem::path& path);
  // The second half of open(), for callers that time or guard the mapping themselves.
  static Result<GgufFile> parse(MappedFile file);
  // No file: `bytes` must outlive the result. `name` stands for the path in messages.
  static Result<GgufFile> parse(std::span<const std::byte> bytes, std::string name);

  const std::string& name() const { return name_; }
  std::uint32_t version() const { return version_; }
  std::uint64_t alignment() const { return alignment_; }
  std::span<const std::byte> bytes() const { return bytes_; }
  // Header, metadata and tensor table: what a cache key hashes.
  std::span<const std::byte> header_bytes() const { return bytes_.first(header_size_); }
  const GgufMetadata& metadata() const { return metadata_; }
  const std::vector<GgufTensor>& tensors() const { return tensors_; }  // in file order
  const GgufTensor* find_tensor(std::string_view name) const;
  const MappedFile* file() const { return file_ ? &*file_ : nullptr; }
  // What opening, mapping and reading the header took; the rest is 0.
  const LoadTimings& times() const { return times_; }

 private:
  GgufFile() = default;
  Status read(ByteReader& reader);
  Status read_alignment();

  std::optional<MappedFile> file_;
  std::string name_;
  std::span<const std::byte> bytes_;
  std::uint32_t version_ = 0;
  std::uint64_t alignment_ = 0;
  std::uint64_t header_size_ = 0;
  GgufMetadata metadata_;
  std::vector<GgufTensor> tensors_;
  std::vector<std::uint32_t> tensor_order_;
  LoadTimings times_;
};

}  // namespace tenon
