// The types of weights that GPU kernels read: their blocks, as data.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <tenon/sdk/kernel.hpp>

namespace tenon::gpu {

// Their names, for constants that need one per type; weight_types() has the same, in this order.
template <sdk::Name...>
struct Dtypes {};
using WeightDtypes = Dtypes<"f32", "f16", "bf16", "q8_0", "q4_0", "q4_1", "q5_0", "q5_1", "q4_K",
                            "q5_K", "q6_K", "q3_K", "iq4_nl", "iq4_xs", "tq2_0">;

// Bytes of a block that stay together in a tile.
struct Field {
  uint16_t offset, size;
};

// How products of it are rounded and summed (mirror/matmul.hpp).
enum class Arithmetic : uint8_t { float_seg16, int8x16_seg16 };

struct WeightType {
  const char* dtype;
  Arithmetic arithmetic;
  uint32_t block_values, block_bytes;  // types of single values: 32 of them are a block
  uint32_t unit;                       // groups of 32 values that one segment takes at least
  // What a tile holds, in order: a field is cut into pieces of 16 bytes, or is smaller than that.
  std::span<const Field> fields;
  // Names of its kernels; joined: of three matrices with one x.
  const char *matmul, *joined, *embed_rows;

  bool is_float() const { return arithmetic == Arithmetic::float_seg16; }
};

// NULL: no kernel reads this type.
const WeightType* find_weight_type(std::string_view dtype);
std::span<const WeightType> weight_types();

}  // namespace tenon::gpu
