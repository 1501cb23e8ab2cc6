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

struct StoredType {
  const char* name;
  uint32_t bytes;
};
constexpr std::array<StoredType, 2> k_types = {{{"f32", 4}, {"f16", 2}}};

constexpr uint32_t k_max_layers = 1 << 16;  // layer numbers index a table
// A layer's first page touches one huge page per pool; below this size that would commit far more
// than is used.
constexpr uint64_t k_huge_pool = uint64_t{16} << 20;

uint32_t element_bytes(const tn_host* host, tn_id dtype, const char** name) {
  const char* found = host->id_name(host->ctx, dtype);
  *name = found != nullptr ? found : "(unknown)";
  for (const StoredType& type : k_types) {
    if (std::strcmp(type.name, *name) == 0) return type.bytes;
  }
  return 0;
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
  return product(view.k_tile_bytes, TN_PAGE_POSITIONS, shape.dk, layer.element_bytes) &&
         product(view.v_tile_bytes, TN_PAGE_POSITIONS, shape.dv, layer.element_bytes) &&
         append(total, n_pages, shape.n_kv_heads, view.k_tile_bytes, layer.k_offset,
                layer.k_bytes) &&
         append(total, n_pages, shape.n_kv_heads, view.v_tile_bytes, layer.v_offset, layer.v_bytes);
}

// One head's channels × positions; `stored` is transposed ([d][64]), `dense` is [n][d].
template <class T, bool to_dense>
void copy_k(std::byte* stored, void* dense, uint32_t d, uint32_t first, uint32_t n) {
  auto* tile = reinterpret_cast<T*>(stored);
  auto* rows = static_cast<T*>(dense);
  for (uint64_t row = 0; row < n; ++row) {
    for (uint64_t channel = 0; channel < d; ++channel) {
      T& in_tile = tile[channel * TN_PAGE_POSITIONS + first + row];
      T& in_rows = rows[row * d + channel];
      to_dense ? in_rows = in_tile : in_tile = in_rows;
    }
  }
}

template <class T, bool to_dense>
void copy_v(std::byte* stored, void* dense, uint32_t d, uint32_t first, uint32_t n) {
  std::byte* tile = stored + uint64_t{first} * d * sizeof(T);
  const size_t bytes = uint64_t{n} * d * sizeof(T);
  to_dense ? std::memcpy(dense, tile, bytes) : std::memcpy(tile, dense, bytes);
}

template <class T, bool to_dense>
void copy_rows(const tn_cpu_kv& kv, const tn_kv_rows& rows) {
  for (uint64_t head = 0; head < kv.n_kv_heads; ++head) {
    const uint64_t tile = rows.page * kv.n_kv_heads + head;
    copy_k<T, to_dense>(static_cast<std::byte*>(kv.k) + tile * kv.k_tile_bytes,
                        static_cast<T*>(rows.k) + head * rows.n * kv.dk, kv.dk, rows.first, rows.n);
    copy_v<T, to_dense>(static_cast<std::byte*>(kv.v) + tile * kv.v_tile_bytes,
                        static_cast<T*>(rows.v) + head * rows.n * kv.dv, kv.dv, rows.first, rows.n);
  }
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
    layer.element_bytes = element_bytes(host, shape.dtype, &type);
    if (layer.element_bytes == 0) {
      return refuse(host, TN_ERR_UNSUPPORTED, "KV cache of layer %u: dtype %s; f16 and f32 exist",
                    shape.layer, type);
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
  const uint64_t values = uint64_t{layer->view.n_kv_heads} * rows->n * layer->element_bytes;
  if (rows->n != 0 &&
      (rows->k == nullptr || rows->v == nullptr || rows->k_bytes / layer->view.dk < values ||
       rows->v_bytes / layer->view.dv < values)) {
    refuse(host, TN_ERR_INVALID, "%s: k or v is NULL or too small for %u rows of layer %u", call,
           rows->n, rows->layer);
    return nullptr;
  }
  return layer;
}

tn_status KvCache::export_rows(const tn_host* host, const tn_kv_rows* rows) const {
  const Layer* layer = checked(host, rows, "kv_export");
  if (layer == nullptr) return TN_ERR_INVALID;
  const bool wide = layer->element_bytes == 4;
  wide ? copy_rows<uint32_t, true>(layer->view, *rows)
       : copy_rows<uint16_t, true>(layer->view, *rows);
  return TN_OK;
}

tn_status KvCache::import_rows(const tn_host* host, const tn_kv_rows* rows) {
  const Layer* layer = checked(host, rows, "kv_import");
  if (layer == nullptr) return TN_ERR_INVALID;
  const bool wide = layer->element_bytes == 4;
  wide ? copy_rows<uint32_t, false>(layer->view, *rows)
       : copy_rows<uint16_t, false>(layer->view, *rows);
  return TN_OK;
}

}  // namespace tenon::cpu
