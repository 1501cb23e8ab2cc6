// MetaTable: the tn_meta of a model file, as architectures read their hyper-parameters through it.
#pragma once

#include <tenon/abi/arch.h>

#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "framework/formats/gguf/gguf.hpp"

namespace tenon {

// Not movable: table() points at it. The file must outlive it.
class MetaTable {
 public:
  // The extent of a tensor; 0 if there is no such tensor or axis.
  using TensorDim = std::function<std::int64_t(std::string_view name, std::uint32_t axis)>;

  explicit MetaTable(const GgufFile& file);
  // Tensors that are not in the file: `dim` knows of them.
  MetaTable(const GgufFile& file, TensorDim dim);
  MetaTable(const MetaTable&) = delete;
  MetaTable& operator=(const MetaTable&) = delete;

  const tn_meta* table() const { return &table_; }

  // The first key that starts with `prefix` and that nobody has asked for, or nullptr.
  const GgufEntry* find_unread(std::string_view prefix) const;

  // The metadata, once it is noted that `key` was asked for.
  const GgufMetadata& asked(const char* key);
  std::int64_t tensor_dim(std::string_view name, std::uint32_t axis) const {
    return tensor_dim_(name, axis);
  }

 private:
  const GgufFile& file_;
  TensorDim tensor_dim_;
  mutable std::mutex mutex_;
  std::set<std::string, std::less<>> asked_;
  tn_meta table_;
};

}  // namespace tenon
