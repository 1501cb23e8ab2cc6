// Packing and uploading overlap: while a part is copied by the device, the next is packed.
#include "upload.hpp"

#include <algorithm>
#include <cstring>
#include <tenon/sdk/plugin.hpp>

#include "backends/gpu/weights.hpp"

namespace tenon::vulkan {
namespace {

constexpr uint64_t k_part_bytes = uint64_t{16} << 20;

tn_status upload_tiles(Stream& stream, const gpu::R16& tiles, const Range& to, const void* plain) {
  const auto* rows = static_cast<const std::byte*>(plain);
  const uint64_t tile = tiles.row_tile_bytes();
  const uint64_t part = std::max(k_part_bytes / tile, uint64_t{1}) * tile;
  return stream.upload(to, tiles.bytes(), part, [&](std::byte* at, uint64_t first, uint64_t n) {
    const uint64_t row0 = first / tile * gpu::R16::k_rows;
    const uint64_t row1 = std::min(row0 + n / tile * gpu::R16::k_rows, tiles.rows);
    tiles.pack(rows + row0 * tiles.row_bytes(), at, row0, row1);
  });
}

tn_status upload_plain(Stream& stream, const tn_weight_desc& desc, const Range& to) {
  const auto* plain = static_cast<const std::byte*>(desc.data);
  return stream.upload(
      to, desc.bytes, k_part_bytes,
      [&](std::byte* at, uint64_t first, uint64_t n) { std::memcpy(at, plain + first, n); });
}

}  // namespace

tn_status put_weight(Gpu& gpu, Memory& memory, Stream& stream, const tn_weight_desc& desc,
                     std::unique_ptr<Weight>& out) {
  const std::optional<gpu::R16> tiles = gpu::r16_of(gpu.host(), *desc.tensor);
  const char* layout = gpu::layout_of(gpu.host(), *desc.tensor);
  const bool foreign = desc.layout != nullptr && !sdk::same_text(desc.layout->id, TN_LAYOUT_PLAIN);
  if (foreign || (!tiles && !sdk::same_text(layout, TN_LAYOUT_PLAIN)))
    return gpu.refuse(TN_ERR_UNSUPPORTED, "a type or layout that this device does not store");
  if (tiles && tiles->rows * tiles->row_bytes() != desc.bytes)
    return gpu.refuse(TN_ERR_INVALID, "the bytes of a weight are not those of its shape");
  std::unique_ptr<Range> range;
  tn_status status = memory.allocate(tiles ? tiles->bytes() : desc.bytes, Use::device, range);
  if (status == TN_OK)
    status = tiles ? upload_tiles(stream, *tiles, *range, desc.data)
                   : upload_plain(stream, desc, *range);
  if (status == TN_OK) out = std::make_unique<Weight>(std::move(range));
  return status;
}

}  // namespace tenon::vulkan
