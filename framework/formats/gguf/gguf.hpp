// GgufFile: a GGUF model file (version 2 or 3), mapped, every number checked before it is used.
//   Metadata strings, arrays and tensor data are views of the mapping: they live as long as this.
//   A model that is split into several files is one GgufFile, whichever of them is opened.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "framework/base/mapped_file.hpp"
#include "framework/formats/gguf/metadata.hpp"
#include "framework/formats/gguf/parts.hpp"
#include "framework/formats/gguf/tensors.hpp"

namespace tenon {

class GgufFile {
 public:
  // With the other parts, as far as they are there; one that lies is an error, one that is missing
  // is told by check_whole().
  static Result<GgufFile> open(const std::filesystem::path& path);
  // No file: `bytes` must outlive the result. `name` stands for the path in messages.
  static Result<GgufFile> parse(std::span<const std::byte> bytes, std::string name);

  // The path; of a split model that of its first part, which holds the metadata.
  const std::string& name() const { return parts_.front(); }
  // The path of each file that is open, in the order of the parts.
  const std::vector<std::string>& parts() const { return parts_; }
  std::uint32_t version() const { return version_; }
  std::uint64_t alignment() const { return alignment_; }
  std::uint64_t size() const { return size_; }  // bytes of all files
  const GgufMetadata& metadata() const { return metadata_; }
  const std::vector<GgufTensor>& tensors() const { return tensors_; }  // in file order
  const GgufTensor* find_tensor(std::string_view name) const;
  // What opening, mapping and reading the header took; the rest is 0.
  const LoadTimings& times() const { return times_; }

  // Errors: ErrorCode::model with the files that are missing, if this is not the whole model.
  Status check_whole() const;
  // "model_io_error" with `code` once one of the files could not be read while mapped. [any thread]
  Status check(ErrorCode code) const;
  // A hint: the data of this tensor is not read any more.
  void drop(const GgufTensor& tensor) const;

 private:
  GgufFile() = default;
  static Result<GgufFile> open_one(const std::filesystem::path& path);
  static Result<GgufFile> gather(GgufFile given, const std::filesystem::path& path);
  Status read(ByteReader& reader, std::span<const std::byte> bytes);
  Status read_alignment();
  Status check_part_of(const GgufPart& part, std::uint64_t index, std::string_view given) const;
  void append(GgufFile next);
  Status check_names();

  std::vector<MappedFile> files_;  // none if there is no file
  std::vector<std::string> parts_;
  std::string missing_;  // why this is not the whole model, or ""
  GgufPart part_;
  std::uint32_t version_ = 0;
  std::uint64_t alignment_ = 0;
  std::uint64_t size_ = 0;
  GgufMetadata metadata_;
  std::vector<GgufTensor> tensors_;
  std::vector<std::uint32_t> tensor_order_;
  LoadTimings times_;
};

}  // namespace tenon
