// Weights are packed a piece at a time: what the host needs beside the file is one piece.
#include "weight.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <thread>

namespace tenon::opencl {
namespace {

constexpr uint64_t k_worth_a_thread = uint64_t{256} << 10;  // bytes
// Parts are multiples of what a work-group reads, which is a power of two up to the 8192 rows of a
// table (embed_rows).
constexpr uint64_t k_most_together = 512;  // tiles

// Packs rows row0 .. row1-1, a share of the tiles on each core.
void pack(const gpu::R16& tiles, const std::byte* plain, std::byte* to, uint64_t row0,
          uint64_t row1) {
  const uint64_t n = (row1 - row0 + gpu::R16::k_rows - 1) / gpu::R16::k_rows;
  const uint64_t most = std::max(std::thread::hardware_concurrency(), 1u);
  const uint64_t threads =
      std::clamp<uint64_t>(n * tiles.row_tile_bytes() / k_worth_a_thread, 1, std::min(most, n));
  const auto share = [&](uint64_t thread) {
    const uint64_t first = n * thread / threads, end = n * (thread + 1) / threads;
    const uint64_t from = row0 + first * gpu::R16::k_rows;
    const uint64_t up_to = std::min(row0 + end * gpu::R16::k_rows, row1);
    tiles.pack(plain + from * tiles.row_bytes(), to + first * tiles.row_tile_bytes(), from, up_to);
  };
  std::vector<std::jthread> helpers;
  for (uint64_t thread = 1; thread < threads; ++thread) helpers.emplace_back(share, thread);
  share(0);
}

}  // namespace

uint64_t Weight::part_bytes(const gpu::R16& tiles, uint64_t most) {
  const uint64_t fit = most / tiles.row_tile_bytes();
  if (tiles.row_tiles() <= fit) return 0;
  const uint64_t together = std::max<uint64_t>(std::min(std::bit_floor(fit), k_most_together), 1);
  return fit / together * together * tiles.row_tile_bytes();
}

tn_status Weight::put(Gpu& gpu, Memory& memory, Staging& staging, const tn_weight_desc& desc,
                      std::unique_ptr<Weight>& out) {
  const std::optional<gpu::R16> tiles = gpu::r16_of(gpu.host(), *desc.tensor);
  const char* layout = gpu::layout_of(gpu.host(), *desc.tensor);
  const bool packed = desc.layout != nullptr && !sdk::same_text(desc.layout->id, TN_LAYOUT_PLAIN);
  if (packed || (!tiles && !sdk::same_text(layout, TN_LAYOUT_PLAIN)))
    return gpu.refuse(TN_ERR_UNSUPPORTED, "a type or layout that this device does not store");
  auto made = std::make_unique<Weight>();
  const tn_status status = tiles ? made->put_tiles(gpu, memory, staging, desc, *tiles)
                                 : made->put_plain(memory, staging, desc);
  if (status == TN_OK) out = std::move(made);
  return status;
}

tn_status Weight::put_plain(Memory& memory, Staging& staging, const tn_weight_desc& desc) {
  bytes_ = desc.bytes;
  tn_status status = allocate(memory);
  for (uint64_t at = 0; at < bytes_ && status == TN_OK; at += Staging::k_most) {
    const uint64_t n = std::min(Staging::k_most, bytes_ - at);
    const auto* plain = static_cast<const std::byte*>(desc.data) + at;
    status = staging.put(*parts_.front(), at, n, [&](std::byte* to) { std::memcpy(to, plain, n); });
  }
  return status;
}

tn_status Weight::put_tiles(Gpu& gpu, Memory& memory, Staging& staging, const tn_weight_desc& desc,
                            const gpu::R16& tiles) {
  if (tiles.rows * tiles.row_bytes() != desc.bytes)
    return gpu.refuse(TN_ERR_INVALID, "the bytes of a weight are not those of its shape");
  const uint64_t tile = tiles.row_tile_bytes();
  if (tile > std::min(gpu.physical().limits.max_range, Staging::k_most))
    return gpu.refuse(TN_ERR_UNSUPPORTED, "a row of weights is larger than a binding may be");
  bytes_ = tiles.bytes();
  part_bytes_ = part_bytes(tiles, gpu.physical().limits.max_range);
  if (const tn_status status = allocate(memory); status != TN_OK) return status;
  const uint64_t most = part_bytes_ != 0 ? part_bytes_ : bytes_;
  const uint64_t piece = Staging::k_most / tile * tile;
  const auto* plain = static_cast<const std::byte*>(desc.data);
  for (uint64_t at = 0; at < bytes_;) {
    const uint64_t n = std::min({piece, bytes_ - at, most - at % most});
    const uint64_t row0 = at / tile * gpu::R16::k_rows;
    const uint64_t row1 = std::min(row0 + n / tile * gpu::R16::k_rows, tiles.rows);
    uint64_t offset = at;
    const Block& block = part(offset);
    const tn_status status =
        staging.put(block, offset, n, [&](std::byte* to) { pack(tiles, plain, to, row0, row1); });
    if (status != TN_OK) return status;
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

}  // namespace tenon::opencl
