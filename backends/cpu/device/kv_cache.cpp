// KvCache: sizes and offsets of the pools, and rows to and from the dense form.
#include "backends/cpu/device/kv_cache.hpp"

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstring>
#include <memory>

#include "backends/cpu/device/error.hpp"

namespace tenon::cpu {

namespace {

constexpr std::array<KvCache::StoredType, 3> k_types = {
    {{"f32", 4, 0}, {"f16", 2, 0}, {"q8_0", 1, 32}}};

constexpr uint32_t k_max_layers = 1 << 16;  // layer numbers index a table
// A layer's first page touches one huge page per pool;
// below this size that would commit far more than is used.
constexpr uint64_t k_huge_pool = uint64_t{16} << 20;

// NULL for a type that no pool stores; its name is known either way.
const KvCache::StoredType* stored_type(const tn_host* host, tn_id dtype, const char** name) {
  const char* found = host->id_name(host->ctx, dtype);
  *name = found != nullptr ? found : "(unknown)";
  for (const KvCache::StoredType& type : k_types) {
    if (std::strcmp(type.name, *name) == 0) return &type;
  }
  return nullptr;
}

// Appends a pool to the region; false on overflow.
bool append(uint64_t& total, uint64_t n_pages, uint64_t n_heads, uint64_t tile, uint64_t& offset,
            uint64_t& bytes) {
  offset = (total + k_alignment - 1) / k_alignment * k_alignment;
  return product(bytes, n_pages, n_heads, tile) && bytes < PTRDIFF_MAX / 2 &&
         !__builtin_add_overflow(offset, bytes, &total) && total < PTRDIFF_MAX / 2;
}

bool append_pools(const tn_kv_layer& shape, uint64_t n_pages, KvCache::Layer& layer,
                  uint64_t& total) {
  tn_cpu_kv& view = layer.view;
  view = {};
  view.struct_size = sizeof view;
  view.n_kv_heads = shape.n_kv_heads;
  view.dk = shape.dk;
  view.dv = shape.dv;
  view.n_pages = n_pages;
  return product(view.k_tile_bytes, TN_PAGE_POSITIONS, layer.type->row_bytes(shape.dk), 1) &&
         product(view.v_tile_bytes, TN_PAGE_POSITIONS, layer.type->row_bytes(shape.dv), 1) &&
         append(total, n_pages, shape.n_kv_heads, view.k_tile_bytes, layer.k_offset,
                layer.k_bytes) &&
         append(total, n_pages, shape.n_kv_heads, view.v_tile_bytes, layer.v_offset, layer.v_bytes);
}

enum class Way { to_rows, to_tile };

template <class T>
void copy_one(Way way, T* in_tile, T* in_rows, uint64_t n) {
  way == Way::to_rows ? std::memcpy(in_rows, in_tile, n * sizeof(T))
                      : std::memcpy(in_tile, in_rows, n * sizeof(T));
}

// One head's positions × d; the tile of k is transposed ([d][64]), rows are [n][d].
template <class T>
void copy_k(Way way, void* tile, void* dense, uint64_t d, const tn_kv_rows& rows) {
  for (uint64_t row = 0; row < rows.n; ++row) {
    for (uint64_t channel = 0; channel < d; ++channel) {
      copy_one(way, static_cast<T*>(tile) + channel * TN_PAGE_POSITIONS + rows.first + row,
               static_cast<T*>(dense) + row * d + channel, 1);
    }
  }
}

template <class T>
void copy_v(Way way, void* tile, void* dense, uint64_t d, const tn_kv_rows& rows) {
  copy_one(way, static_cast<T*>(tile) + rows.first * d, static_cast<T*>(dense), rows.n * d);
}

using CopyHead = void (*)(Way, void* tile, void* dense, uint64_t d, const tn_kv_rows&);

// k or v (or their scales): the first tile, the first row, and channels (or blocks) per row.
struct Operand {
  std::byte *tiles, *dense;
  uint64_t tile_bytes, d;
};

void copy_heads(Way way, const Operand& o, CopyHead copy, uint64_t value_bytes, uint64_t n_heads,
                const tn_kv_rows& rows) {
  for (uint64_t head = 0; head < n_heads; ++head) {
    copy(way, o.tiles + (rows.page * n_heads + head) * o.tile_bytes,
         o.dense + head * rows.n * o.d * value_bytes, o.d, rows);
  }
}

// Behind the values of a tile and of the rows lie their scales, in the same order.
Operand scales_of(const Operand& o, const KvCache::StoredType& type, uint64_t n_heads, uint64_t n) {
  return {o.tiles + TN_PAGE_POSITIONS * o.d * type.value_bytes,
          o.dense + n_heads * n * o.d * type.value_bytes, o.tile_bytes, type.scales(o.d)};
}

void copy_rows(Way way, const KvCache::Layer& layer, const tn_kv_rows& rows) {
  struct Copies {
    CopyHead k, v;
  };
  static constexpr Copies k_copies[] = {{copy_k<uint8_t>, copy_v<uint8_t>},
                                        {copy_k<uint16_t>, copy_v<uint16_t>},
                                        {copy_k<uint32_t>, copy_v<uint32_t>}};
  const tn_cpu_kv& kv = layer.view;
  const KvCache::StoredType& type = *layer.type;
  const Copies& values = k_copies[type.value_bytes / 2];
  const Operand k = {static_cast<std::byte*>(kv.k), static_cast<std::byte*>(rows.k),
                     kv.k_tile_bytes, kv.dk};
  const Operand v = {static_cast<std::byte*>(kv.v), static_cast<std::byte*>(rows.v),
                     kv.v_tile_bytes, kv.dv};
  const uint64_t heads = kv.n_kv_heads;
  copy_heads(way, k, values.k, type.value_bytes, heads, rows);
  copy_heads(way, v, values.v, type.value_bytes, heads, rows);
  if (type.block == 0) return;
  copy_heads(way, scales_of(k, type, heads, rows.n), copy_k<uint16_t>, 2, heads, rows);
  copy_heads(way, scales_of(v, type, heads, rows.n), copy_v<uint16_t>, 2, heads, rows);
}

}  // namespace

tn_status KvCache::lay_out(const tn_host* host, const tn_kv_desc* desc, std::vector<Layer>& layers,
                           uint64_t* bytes) {
  if (desc == nullptr || desc->struct_size < sizeof(tn_kv_desc) || desc->n_pages == 0 ||
      (desc->n_layers != 0 &&
       (desc->layers == nullptr || desc->layer_stride < sizeof(tn_kv_layer)))) {
    return refuse(host, TN_ERR_INVALID, "KV cache: description missing, too short or empty");
  }
  *bytes = 0;
  const auto* at = reinterpret_cast<const std::byte*>(desc->layers);
  for (uint32_t i = 0; i < desc->n_layers; ++i, at += desc->layer_stride) {
    const auto& shape = *reinterpret_cast<const tn_kv_layer*>(at);
    const char* type = nullptr;
    Layer layer = {};
    layer.layer = shape.layer;
    layer.dtype = shape.dtype;
    layer.type = stored_type(host, shape.dtype, &type);
    if (layer.type == nullptr) {
      return refuse(host, TN_ERR_UNSUPPORTED,
                    "KV cache of layer %u: dtype %s; f16, f32 and q8_0 exist", shape.layer, type);
    }
    if (shape.layer >= k_max_layers || shape.n_kv_heads == 0 || shape.dk == 0 || shape.dv == 0 ||
        !append_pools(shape, desc->n_pages, layer, *bytes)) {
      return refuse(host, TN_ERR_INVALID,
                    "KV cache of layer %u: %u heads of %u and %u channels in %" PRIu64
                    " pages is empty or too large",
                    shape.layer, shape.n_kv_heads, shape.dk, shape.dv, desc->n_pages);
    }
    layers.push_back(layer);
  }
  return TN_OK;
}

tn_status KvCache::bytes_for(const tn_host* host, const tn_kv_desc* desc, uint64_t* bytes) {
  if (bytes == nullptr) return refuse(host, TN_ERR_INVALID, "kv_size: bytes is NULL");
  std::vector<Layer> layers;
  return lay_out(host, desc, layers, bytes);
}

tn_status KvCache::create(const tn_host* host, const tn_kv_desc* desc, KvCache** out) {
  if (out == nullptr) return refuse(host, TN_ERR_INVALID, "kv_create: out is NULL");
  auto made = std::make_unique<KvCache>();
  uint64_t bytes = 0;
  const tn_status status = lay_out(host, desc, made->layers_, &bytes);
  if (status != TN_OK) return status;
  // Reserved only: the default context is the model's, and may be larger than memory.
  if (!made->region_.allocate(bytes, k_alignment, HugePages::never)) {
    return out_of_memory(host, "KV cache", bytes);
  }
  made->make_views();
  *out = made.release();
  return TN_OK;
}

void KvCache::make_views() {
  for (uint32_t at = 0; at < layers_.size(); ++at) {
    Layer& layer = layers_[at];
    layer.view.k = region_.data() + layer.k_offset;
    layer.view.v = region_.data() + layer.v_offset;
    if (layer.k_bytes >= k_huge_pool) region_.advise_huge(layer.k_offset, layer.k_bytes);
    if (layer.v_bytes >= k_huge_pool) region_.advise_huge(layer.v_offset, layer.v_bytes);
    if (layer.layer >= index_.size()) index_.resize(layer.layer + 1, TN_NONE);
    index_[layer.layer] = at;
  }
}

const KvCache::Layer* KvCache::checked(const tn_host* host, const tn_kv_rows* rows,
                                       const char* call) const {
  if (rows == nullptr || rows->struct_size < sizeof(tn_kv_rows)) {
    refuse(host, TN_ERR_INVALID, "%s: rows missing or too short", call);
    return nullptr;
  }
  const Layer* layer = find(rows->layer);
  if (layer == nullptr || rows->page >= layer->view.n_pages || rows->first > TN_PAGE_POSITIONS ||
      rows->n > TN_PAGE_POSITIONS - rows->first) {
    refuse(host, TN_ERR_INVALID, "%s: no rows %u+%u of page %" PRIu64 " in layer %u", call,
           rows->first, rows->n, rows->page, rows->layer);
    return nullptr;
  }
  const uint64_t n = uint64_t{layer->view.n_kv_heads} * rows->n;
  if (rows->n != 0 && (rows->k == nullptr || rows->v == nullptr ||
                       rows->k_bytes / layer->type->row_bytes(layer->view.dk) < n ||
                       rows->v_bytes / layer->type->row_bytes(layer->view.dv) < n)) {
    refuse(host, TN_ERR_INVALID, "%s: k or v is NULL or too small for %u rows of layer %u", call,
           rows->n, rows->layer);
    return nullptr;
  }
  return layer;
}

tn_status KvCache::export_rows(const tn_host* host, const tn_kv_rows* rows) const {
  const Layer* layer = checked(host, rows, "kv_export");
  if (layer == nullptr) return TN_ERR_INVALID;
  copy_rows(Way::to_rows, *layer, *rows);
  return TN_OK;
}

tn_status KvCache::import_rows(const tn_host* host, const tn_kv_rows* rows) {
  const Layer* layer = checked(host, rows, "kv_import");
  if (layer == nullptr) return TN_ERR_INVALID;
  copy_rows(Way::to_tile, *layer, *rows);
  return TN_OK;
}

}  // namespace tenon::cpu
