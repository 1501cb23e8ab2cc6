// MetaTable: the tn_meta of a model file, as architectures read their hyper-parameters through it.
#pragma once

#include <tenon/abi/arch.h>

#include "framework/formats/gguf/gguf.hpp"

namespace tenon {

// Not movable: table() points at it. The file must outlive it.
class MetaTable {
 public:
  explicit MetaTable(const GgufFile& file);
  MetaTable(const MetaTable&) = delete;
  MetaTable& operator=(const MetaTable&) = delete;

  const tn_meta* table() const { return &table_; }

 private:
  tn_meta table_;
};

}  // namespace tenon
