// Random weights of every type, made as the blocks that a file holds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "framework/formats/dtype.hpp"

namespace tenon {

// Where random bytes come from: a stream for each tensor.
struct Noise {
  std::uint64_t seed = 0, stream = 0;
  // Bytes 16*first … of the stream; the size of `out` may be anything.
  void fill(std::span<std::byte> out, std::uint64_t first) const;
};

// The stream of a name (FNV-1a).
std::uint64_t stream_of(std::string_view name);

// Whether make_blocks knows the type.
bool has_block_maker(const DType& dtype);

// Whole blocks of values around 0 with a root mean square near `rms`; the first one is number `first`
// of its tensor, a multiple of 16. The bytes depend on nothing else: no libm, no order of calls.
void make_blocks(const DType& dtype, const Noise& noise, float rms, std::uint64_t first,
                 std::span<std::byte> out);

// One value for a vector in f32, from the noise of its place: `middle` give or take an eighth.
float vector_value(const Noise& noise, std::uint64_t index, float middle);

}  // namespace tenon
