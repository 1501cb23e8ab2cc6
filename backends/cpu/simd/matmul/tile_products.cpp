// The products of byte tiles of all kinds and column counts: compiled once for all formats.
#include "backends/cpu/simd/matmul/tile_product.hpp"

namespace tenon::cpu::matmul {
namespace {

template <TileKind Kind, unsigned... C>
constexpr auto functions(std::integer_sequence<unsigned, C...>) {
  return std::array<TileFunction, sizeof...(C)>{multiply_tile<Kind, C + 1>...};
}
template <TileKind Kind>
constexpr auto functions() {
  return functions<Kind>(std::make_integer_sequence<unsigned, int8::k_columns>());
}

}  // namespace

constexpr TileFunctions k_tile_functions = {
    functions<TileKind::minima>(), functions<TileKind::half_minima>(),
    functions<TileKind::half_small>(), functions<TileKind::half_signed>()};

}  // namespace tenon::cpu::matmul
