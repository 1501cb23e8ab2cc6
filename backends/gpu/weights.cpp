// A layout is the device's own, or plain.
#include "backends/gpu/weights.hpp"

#include <tenon/sdk/plugin.hpp>

#include "backends/gpu/ops.hpp"

namespace tenon::gpu {

const char* layout_of(const tn_host* host, const tn_tensor& t) {
  return t.layout != 0 ? host->id_name(host->ctx, t.layout) : TN_LAYOUT_PLAIN;
}

std::optional<R16> r16_of(const tn_host* host, const tn_tensor& t) {
  if (t.rank != 2 || !sdk::same_text(layout_of(host, t), k_weight_layout)) return std::nullopt;
  const WeightType* type = find_weight_type(host->id_name(host->ctx, t.dtype));
  if (type == nullptr) return std::nullopt;
  const R16 tiles{type, static_cast<uint64_t>(t.dim[0]), static_cast<uint64_t>(t.dim[1])};
  return tiles.is_whole() ? std::optional(tiles) : std::nullopt;
}

}  // namespace tenon::gpu
