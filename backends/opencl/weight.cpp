// Weights are packed a piece at a time: what the host needs beside the file is one piece.
#include "weight.hpp"

#include <algorithm>
#include <bit>

namespace tenon::opencl {
namespace {

constexpr uint64_t k_piece_bytes = uint64_t{16} << 20;
// Parts are multiples of what a work-group reads, which is a power of two up to the 8192 rows of a
// table (embed_rows).
constexpr uint64_t k_most_together = 512;  // tiles

}  // namespace

uint64_t Weight::part_bytes(const gpu::R16& tiles, uint64_t most) {
  const uint64_t fit = most / tiles.row_tile_bytes();
  if (tiles.row_tiles() <= fit) return 0;
  const uint64_t together = std::max<uint64_t>(std::min(std::bit_floor(fit), k_most_together), 1);
  return fit / together * together * tiles.row_tile_bytes();
}

tn_status Weight::put(Gpu& gpu, Memory& memory, const tn_weight_desc& desc,
                      std::unique_ptr<Weight>& out) {
  const std::optional<gpu::R16> tiles = gpu::r16_of(gpu.host(), *desc.tensor);
  const char* layout = gpu::layout_of(gpu.host(), *desc.tensor);
  const bool packed = desc.layout != nullptr && !sdk::same_text(desc.layout->id, TN_LAYOUT_PLAIN);
  if (packed || (!tiles && !sdk::same_text(layout, TN_LAYOUT_PLAIN)))
    return gpu.refuse(TN_ERR_UNSUPPORTED, "a type or layout that this device does not store");
  auto made = std::make_unique<Weight>();
  const tn_status status =
      tiles ? made->put_tiles(gpu, memory, desc, *tiles) : made->put_plain(gpu, memory, desc);
  if (status == TN_OK) out = std::move(made);
  return status;
}

tn_status Weight::put_plain(Gpu& gpu, Memory& memory, const tn_weight_desc& desc) {
  bytes_ = desc.bytes;
  const tn_status status = allocate(memory);
  return status == TN_OK ? write(gpu, 0, desc.data, desc.bytes) : status;
}

tn_status Weight::put_tiles(Gpu& gpu, Memory& memory, const tn_weight_desc& desc,
                            const gpu::R16& tiles) {
  if (tiles.rows * tiles.row_bytes() != desc.bytes)
    return gpu.refuse(TN_ERR_INVALID, "the bytes of a weight are not those of its shape");
  const uint64_t tile = tiles.row_tile_bytes();
  if (tile > gpu.physical().limits.max_range)
    return gpu.refuse(TN_ERR_UNSUPPORTED, "a row of weights is larger than a binding may be");
  bytes_ = tiles.bytes();
  part_bytes_ = part_bytes(tiles, gpu.physical().limits.max_range);
  if (const tn_status status = allocate(memory); status != TN_OK) return status;
  const uint64_t most = part_bytes_ != 0 ? part_bytes_ : bytes_;
  std::vector<std::byte> piece(std::min(std::max<uint64_t>(k_piece_bytes / tile, 1), most / tile) *
                               tile);
  const auto* plain = static_cast<const std::byte*>(desc.data);
  for (uint64_t at = 0; at < bytes_;) {
    const uint64_t n = std::min({piece.size(), bytes_ - at, most - at % most});
    const uint64_t row0 = at / tile * gpu::R16::k_rows;
    const uint64_t row1 = std::min(row0 + n / tile * gpu::R16::k_rows, tiles.rows);
    tiles.pack(plain + row0 * tiles.row_bytes(), piece.data(), row0, row1);
    if (const tn_status status = write(gpu, at, piece.data(), n); status != TN_OK) return status;
    at += n;
  }
  return TN_OK;
}

tn_status Weight::allocate(Memory& memory) {
  const uint64_t most = part_bytes_ != 0 ? part_bytes_ : bytes_;
  tn_status status = TN_OK;
  for (uint64_t at = 0; at < bytes_ && status == TN_OK; at += most)
    status = memory.allocate(std::min(most, bytes_ - at), parts_.emplace_back());
  return status;
}

const Block& Weight::part(uint64_t& offset) const {
  if (part_bytes_ == 0) return *parts_.front();
  const uint64_t index = offset / part_bytes_;
  offset %= part_bytes_;
  return *parts_[index];
}

tn_status Weight::write(Gpu& gpu, uint64_t offset, const void* bytes, uint64_t n) const {
  const cl_mem to = part(offset).buffer();
  return gpu.check(gpu.api().EnqueueWriteBuffer(gpu.uploads(), to, CL_TRUE, offset, n, bytes, 0,
                                                nullptr, nullptr),
                   "uploading a weight");
}

}  // namespace tenon::opencl
