// Shapes: the dimensions of published models, one row each.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace tenon {

// Further metadata of the architecture; the key without its name: "attention.sliding_window".
struct ShapeKey {
  std::string_view key;
  std::uint32_t value;
};

// A vector whose values are published.
struct ShapeVector {
  std::string_view tensor;
  std::span<const float> values;
};

struct ModelShape {
  std::string_view name, arch;  // "…-1.7b", the value of general.architecture
  std::uint32_t layers, width, heads, kv_heads, head_dim, ffn, vocab, context;
  float rope_base, eps;
  // What the architecture leaves to the file: optional tensors, by the ends of their names.
  std::span<const std::string_view> optional = {};
  std::span<const ShapeKey> keys = {};
  std::span<const ShapeVector> vectors = {};  // optional tensors too
};

std::span<const ModelShape> all_shapes();
// By its whole name, or beside `arch` by the end of it: "1.7b". nullptr if there is none.
const ModelShape* find_shape(std::string_view arch, std::string_view name);

}  // namespace tenon
