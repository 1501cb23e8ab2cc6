// Weights are packed a piece at a time: what the host needs beside the file is one piece.
#include "weight.hpp"

#include <algorithm>
#include <bit>

#include "backends/gpu/layouts/r16.hpp"

namespace tenon::opencl {
namespace {

constexpr uint64_t k_piece_bytes = uint64_t{16} << 20;
// Parts are multiples of what a work-group reads, which is a power of two up to the 8192 rows of a
// table (embed_rows).
constexpr uint64_t k_most_together = 512;  // tiles

}  // namespace

tn_status Weight::put(Gpu& gpu, Memory& memory, const tn_weight_desc& desc,
                      std::unique_ptr<Weight>& out) {
  const tn_tensor& t = *desc.tensor;
  const char* layout = t.layout != 0 ? gpu.host()->id_name(gpu.host()->ctx, t.layout) : "plain";
  const bool packed = desc.layout != nullptr && !sdk::same_text(desc.layout->id, TN_LAYOUT_PLAIN);
  const bool plain = sdk::same_text(layout, TN_LAYOUT_PLAIN);
  if (packed || (!plain && !sdk::same_text(layout, gpu::k_weight_layout)))
    return gpu.refuse(TN_ERR_UNSUPPORTED, "a layout that this device does not store");
  auto made = std::make_unique<Weight>();
  const tn_status status =
      plain ? made->put_plain(gpu, memory, desc) : made->put_tiles(gpu, memory, desc);
  if (status == TN_OK) out = std::move(made);
  return status;
}

tn_status Weight::put_plain(Gpu& gpu, Memory& memory, const tn_weight_desc& desc) {
  stored_.bytes = desc.bytes;
  const tn_status status = allocate(memory);
  return status == TN_OK ? write(gpu, 0, desc.data, desc.bytes) : status;
}

tn_status Weight::put_tiles(Gpu& gpu, Memory& memory, const tn_weight_desc& desc) {
  const tn_tensor& t = *desc.tensor;
  const gpu::WeightType* type =
      gpu::find_weight_type(gpu.host()->id_name(gpu.host()->ctx, t.dtype));
  if (type == nullptr || t.rank != 2)
    return gpu.refuse(TN_ERR_UNSUPPORTED, "no kernel reads weights of this type");
  const gpu::R16 layout{type, static_cast<uint64_t>(t.dim[0]), static_cast<uint64_t>(t.dim[1])};
  if (!layout.is_whole() || layout.rows * layout.row_bytes() != desc.bytes)
    return gpu.refuse(TN_ERR_INVALID, "the bytes of a weight are not those of its shape");
  const uint64_t tile = layout.row_tile_bytes();
  stored_ = {layout.bytes(), tile, 0};
  if (const uint64_t fit = gpu.physical().limits.max_range / tile; layout.row_tiles() > fit) {
    const uint64_t together = std::min(std::bit_floor(fit), k_most_together);
    stored_.part_bytes = fit / std::max<uint64_t>(together, 1) * together * tile;
  }
  if (tile > gpu.physical().limits.max_range)
    return gpu.refuse(TN_ERR_UNSUPPORTED, "a row of weights is larger than a binding may be");
  if (const tn_status status = allocate(memory); status != TN_OK) return status;
  const uint64_t most = stored_.part_bytes != 0 ? stored_.part_bytes : stored_.bytes;
  const uint64_t tiles = std::min(std::max<uint64_t>(k_piece_bytes / tile, 1), most / tile);
  std::vector<std::byte> piece(tiles * tile);
  const auto* plain = static_cast<const std::byte*>(desc.data);
  for (uint64_t at = 0; at < stored_.bytes;) {
    const uint64_t n = std::min({piece.size(), stored_.bytes - at, most - at % most});
    const uint64_t row0 = at / tile * gpu::R16::k_rows;
    const uint64_t row1 = std::min(row0 + n / tile * gpu::R16::k_rows, layout.rows);
    layout.pack(plain + row0 * layout.row_bytes(), piece.data(), row0, row1);
    if (const tn_status status = write(gpu, at, piece.data(), n); status != TN_OK) return status;
    at += n;
  }
  return TN_OK;
}

tn_status Weight::allocate(Memory& memory) {
  const uint64_t most = stored_.part_bytes != 0 ? stored_.part_bytes : stored_.bytes;
  tn_status status = TN_OK;
  for (uint64_t at = 0; at < stored_.bytes && status == TN_OK; at += most)
    status = memory.allocate(std::min(most, stored_.bytes - at), parts_.emplace_back());
  return status;
}

const Block& Weight::part(uint64_t& offset) const {
  if (stored_.part_bytes == 0) return *parts_.front();
  const uint64_t index = offset / stored_.part_bytes;
  offset %= stored_.part_bytes;
  return *parts_[index];
}

tn_status Weight::write(Gpu& gpu, uint64_t offset, const void* bytes, uint64_t n) const {
  const cl_mem to = part(offset).buffer();
  return gpu.check(gpu.api().EnqueueWriteBuffer(gpu.uploads(), to, CL_TRUE, offset, n, bytes, 0,
                                                nullptr, nullptr),
                   "uploading a weight");
}

}  // namespace tenon::opencl
