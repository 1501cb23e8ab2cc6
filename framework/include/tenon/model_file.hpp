// ModelFile: what is in a model file. Only its header is read; no plugin is needed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "result.hpp"

namespace tenon {

// Numbers are widened: the type of the entry is the one in the file.
using MetadataScalar = std::variant<std::uint64_t, std::int64_t, double, bool, std::string>;

struct MetadataArray {
  std::string type;         // of an element
  std::uint64_t count = 0;  // in the file
  std::vector<MetadataScalar> first;
};

struct MetadataEntry {
  std::string key, type;  // "u8" … "f64", "bool", "string", "array"
  std::variant<MetadataScalar, MetadataArray> value;
};

struct TensorInfo {
  std::string name, dtype;         // "q4_K"
  std::vector<std::int64_t> dims;  // outermost first
  std::uint64_t elements = 0, bytes = 0;
  std::uint32_t part = 0;    // which of ModelFile::parts() holds it
  std::uint64_t offset = 0;  // of the data, from the start of that file
};

// What the tensors of one type take together.
struct TypeUse {
  std::string dtype;
  std::uint64_t tensors = 0, elements = 0, bytes = 0;
};

// Movable, and immutable once open: any thread may read it.
class ModelFile {
 public:
  // Any part of a split model stands for all. Errors: ErrorCode::model with file, byte offset and
  // field, if a file is unreadable or lies.
  static Result<ModelFile> open(const std::filesystem::path& path);

  ModelFile(ModelFile&&) noexcept;
  ModelFile& operator=(ModelFile&&) noexcept;
  ~ModelFile();

  const std::string& name() const;   // the path; of a split model that of its first part
  std::string_view format() const;   // "gguf"
  std::uint32_t version() const;     // of the format
  std::uint64_t size() const;        // bytes of all parts
  std::uint64_t parameters() const;  // elements of all tensors

  // The files of the model that are there: one, or more if it is split. One that is missing is a
  // finding.
  const std::vector<std::string>& parts() const;

  // In file order; of each array at most `elements`, which may be many.
  std::vector<MetadataEntry> metadata(std::size_t elements) const;
  std::vector<TensorInfo> tensors() const;  // in file order
  std::vector<TypeUse> types() const;       // by name

  // What is odd about the parts, the tokenizer and the chat template; a model with findings may still run.
  std::vector<std::string> findings() const;

 private:
  struct Impl;
  explicit ModelFile(std::unique_ptr<const Impl> impl);
  std::unique_ptr<const Impl> impl_;
};

}  // namespace tenon
