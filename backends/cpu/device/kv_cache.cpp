// KvCache: sizes and offsets of the pools, and rows to and from the dense form.
#include "backends/cpu/device/kv_cache.hpp"

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstring>
#include <memory>
#include <tenon/sdk/structs.hpp>

#include "backends/cpu/device/checked_product.hpp"
#include "backends/cpu/device/error.hpp"

namespace tenon::cpu {

namespace {

constexpr std::array<KvCache::StoredType, 3> k_types = {
    {{"f32", 4, 0}, {"f16", 2, 0}, {"q8_0", 1, 32}}};

constexpr uint32_t k_max_states = 1 << 16;  // ids index a table
// A group's first page touches one huge page; below this size that would commit far more than is
// used.
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

bool round_up(uint64_t& n, uint64_t unit) {
  if (__builtin_add_overflow(n, unit - 1, &n)) return false;
  n = n / unit * unit;
  return n < PTRDIFF_MAX / 2;
}

// Appends n_heads tiles to a page; false on overflow.
bool append(uint64_t& page_bytes, uint64_t n_heads, uint64_t tile, uint64_t& offset) {
  uint64_t bytes = 0;
  offset = page_bytes;
  return product(bytes, n_heads, tile) && !__builtin_add_overflow(page_bytes, bytes, &page_bytes) &&
         round_up(page_bytes, k_alignment);
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

// k or v (or their scales) of a page: the first tile, the first row, and channels (or blocks) per row.
struct Operand {
  std::byte *tiles, *dense;
  uint64_t tile_bytes, d;
};

void copy_heads(Way way, const Operand& o, CopyHead copy, uint64_t value_bytes, uint64_t n_heads,
                const tn_kv_rows& rows) {
  for (uint64_t head = 0; head < n_heads; ++head) {
    copy(way, o.tiles + head * o.tile_bytes, o.dense + head * rows.n * o.d * value_bytes, o.d,
         rows);
  }
}

// Behind the values of a tile and of the rows lie their scales, in the same order.
Operand scales_of(const Operand& o, const KvCache::StoredType& type, uint64_t n_heads, uint64_t n) {
  return {o.tiles + TN_PAGE_POSITIONS * o.d * type.value_bytes,
          o.dense + n_heads * n * o.d * type.value_bytes, o.tile_bytes, type.scales(o.d)};
}

void copy_rows(Way way, const KvCache::State& state, const tn_kv_rows& rows) {
  struct Copies {
    CopyHead k, v;
  };
  static constexpr Copies k_copies[] = {{copy_k<uint8_t>, copy_v<uint8_t>},
                                        {copy_k<uint16_t>, copy_v<uint16_t>},
                                        {copy_k<uint32_t>, copy_v<uint32_t>}};
  const tn_cpu_kv& kv = state.view;
  const KvCache::StoredType& type = *state.type;
  const Copies& values = k_copies[type.value_bytes / 2];
  const uint64_t page = rows.page * kv.page_stride;
  const Operand k = {static_cast<std::byte*>(kv.k) + page, static_cast<std::byte*>(rows.k),
                     kv.k_tile_bytes, kv.dk};
  const Operand v = {static_cast<std::byte*>(kv.v) + page, static_cast<std::byte*>(rows.v),
                     kv.v_tile_bytes, kv.dv};
  const uint64_t heads = kv.n_kv_heads;
  copy_heads(way, k, values.k, type.value_bytes, heads, rows);
  copy_heads(way, v, values.v, type.value_bytes, heads, rows);
  if (type.block == 0) return;
  copy_heads(way, scales_of(k, type, heads, rows.n), copy_k<uint16_t>, 2, heads, rows);
  copy_heads(way, scales_of(v, type, heads, rows.n), copy_v<uint16_t>, 2, heads, rows);
}

// Cells of one tile; k holds the positions of a channel side by side, v those of a position.
struct Tiles {
  std::byte* page;
  uint64_t tile_bytes, d, cell;
  bool by_channel;
};

void move_cells(const Tiles& to, const Tiles& from, const tn_kv_move& m, uint64_t n_heads) {
  for (uint64_t head = 0; head < n_heads; ++head) {
    std::byte* dst = to.page + head * to.tile_bytes;
    const std::byte* src = from.page + head * from.tile_bytes;
    const uint64_t runs = to.by_channel ? to.d : 1;
    const uint64_t row = to.cell * (to.by_channel ? 1 : to.d);
    for (uint64_t run = 0; run < runs; ++run) {
      const uint64_t at = run * TN_PAGE_POSITIONS * row;
      std::memmove(dst + at + m.dst_first * row, src + at + m.src_first * row, m.n * row);
    }
  }
}

void move_state(const KvCache::State& state, const tn_kv_move& m) {
  const tn_cpu_kv& kv = state.view;
  const KvCache::StoredType& type = *state.type;
  const auto tiles = [&](void* base, uint32_t page, uint64_t tile, uint64_t d, bool by_channel) {
    return Tiles{static_cast<std::byte*>(base) + page * kv.page_stride, tile, d, type.value_bytes,
                 by_channel};
  };
  const auto scales = [&](const Tiles& t) {
    return Tiles{t.page + TN_PAGE_POSITIONS * t.d * t.cell, t.tile_bytes, type.scales(t.d), 2,
                 t.by_channel};
  };
  for (const bool keys : {true, false}) {
    void* base = keys ? kv.k : kv.v;
    const uint64_t tile = keys ? kv.k_tile_bytes : kv.v_tile_bytes, d = keys ? kv.dk : kv.dv;
    const Tiles to = tiles(base, m.dst_page, tile, d, keys);
    const Tiles from = tiles(base, m.src_page, tile, d, keys);
    move_cells(to, from, m, kv.n_kv_heads);
    if (type.block != 0) move_cells(scales(to), scales(from), m, kv.n_kv_heads);
  }
}

const tn_kv_rows& row_at(const tn_cmd_kv_rows& command, uint32_t i) {
  return sdk::at(command.rows, command.stride, i);
}

}  // namespace

tn_status KvCache::add_state(const tn_host* host, const tn_state_desc& shape, Layout& layout) {
  if (shape.struct_size < TN_SIZE_1_0_tn_state_desc) {
    return refuse(host, TN_ERR_INVALID, "KV cache: a state is too short");
  }
  if (shape.kind != TN_STATE_KV || sdk::must_decline(shape.flags) || shape.layout != 0) {
    return refuse(host, TN_ERR_UNSUPPORTED, "state %u: kind %u, flags %#x or its layout is unknown",
                  shape.id, shape.kind, shape.flags);
  }
  const char* type = nullptr;
  State state = {};
  state.id = shape.id;
  state.group = shape.group;
  state.dtype = shape.dtype;
  state.type = stored_type(host, shape.dtype, &type);
  if (state.type == nullptr) {
    return refuse(host, TN_ERR_UNSUPPORTED, "state %u: dtype %s; f16, f32 and q8_0 exist", shape.id,
                  type);
  }
  tn_cpu_kv& view = state.view;
  view.struct_size = sizeof view;
  view.n_kv_heads = shape.n_kv_heads;
  view.dk = shape.dk;
  view.dv = shape.dv;
  if (shape.id >= k_max_states || shape.group >= layout.groups.size() || shape.n_kv_heads == 0 ||
      shape.dk == 0 || shape.dv == 0 ||
      !product(view.k_tile_bytes, TN_PAGE_POSITIONS, state.type->row_bytes(shape.dk)) ||
      !product(view.v_tile_bytes, TN_PAGE_POSITIONS, state.type->row_bytes(shape.dv))) {
    return refuse(host, TN_ERR_INVALID, "state %u: %u heads of %u and %u channels in group %u",
                  shape.id, shape.n_kv_heads, shape.dk, shape.dv, shape.group);
  }
  Group& group = layout.groups[shape.group];
  if (!append(group.page_bytes, shape.n_kv_heads, view.k_tile_bytes, state.k_offset) ||
      !append(group.page_bytes, shape.n_kv_heads, view.v_tile_bytes, state.v_offset)) {
    return refuse(host, TN_ERR_INVALID, "state %u is too large", shape.id);
  }
  layout.states.push_back(state);
  return TN_OK;
}

tn_status KvCache::lay_out(const tn_host* host, const tn_kv_desc* desc, Layout& layout) {
  if (desc == nullptr || desc->struct_size < TN_SIZE_1_0_tn_kv_desc || desc->n_groups == 0 ||
      desc->n_pages == nullptr ||
      (desc->n_states != 0 &&
       (desc->states == nullptr || desc->state_stride < TN_SIZE_1_0_tn_state_desc))) {
    return refuse(host, TN_ERR_INVALID, "KV cache: description missing, too short or empty");
  }
  if (sdk::must_decline(desc->flags) || desc->page_positions != TN_PAGE_POSITIONS) {
    return refuse(host, TN_ERR_UNSUPPORTED, "KV cache: flags %#x, pages of %u positions",
                  desc->flags, desc->page_positions);
  }
  for (uint32_t g = 0; g < desc->n_groups; ++g) layout.groups.push_back({desc->n_pages[g], 0, 0});
  for (uint32_t i = 0; i < desc->n_states; ++i) {
    const tn_status status = add_state(host, sdk::at(desc->states, desc->state_stride, i), layout);
    if (status != TN_OK) return status;
  }
  for (Group& group : layout.groups) {
    uint64_t bytes = 0;
    group.offset = layout.bytes;
    if (!product(bytes, group.n_pages, group.page_bytes) || bytes > PTRDIFF_MAX / 2 ||
        __builtin_add_overflow(layout.bytes, bytes, &layout.bytes) ||
        !round_up(layout.bytes, k_alignment)) {
      return refuse(host, TN_ERR_INVALID, "KV cache: %" PRIu64 " pages of %" PRIu64 " bytes",
                    group.n_pages, group.page_bytes);
    }
  }
  return TN_OK;
}

tn_status KvCache::bytes_for(const tn_host* host, const tn_kv_desc* desc, uint64_t* bytes) {
  if (bytes == nullptr) return refuse(host, TN_ERR_INVALID, "kv_size: bytes is NULL");
  Layout layout;
  const tn_status status = lay_out(host, desc, layout);
  if (status == TN_OK) *bytes = layout.bytes;
  return status;
}

tn_status KvCache::create(const tn_host* host, const tn_kv_desc* desc, KvCache** out) {
  if (out == nullptr) return refuse(host, TN_ERR_INVALID, "kv_create: out is NULL");
  Layout layout;
  const tn_status status = lay_out(host, desc, layout);
  if (status != TN_OK) return status;
  auto made = std::make_unique<KvCache>();
  made->states_ = std::move(layout.states);
  made->groups_ = std::move(layout.groups);
  // Reserved only: the default context is the model's, and may be larger than memory.
  if (!made->region_.allocate(layout.bytes, k_alignment, HugePages::never)) {
    return out_of_memory(host, "KV cache", layout.bytes);
  }
  made->make_views();
  *out = made.release();
  return TN_OK;
}

void KvCache::make_views() {
  for (const Group& group : groups_) {
    const uint64_t bytes = group.n_pages * group.page_bytes;
    if (bytes >= k_huge_pool) region_.advise_huge(group.offset, bytes);
  }
  for (uint32_t at = 0; at < states_.size(); ++at) {
    State& state = states_[at];
    const Group& group = groups_[state.group];
    state.view.n_pages = group.n_pages;
    state.view.page_stride = group.page_bytes;
    state.view.k = region_.data() + group.offset + state.k_offset;
    state.view.v = region_.data() + group.offset + state.v_offset;
    if (state.id >= index_.size()) index_.resize(state.id + 1, TN_NONE);
    index_[state.id] = at;
  }
}

tn_status KvCache::check_moves(const tn_host* host, const tn_cmd_kv_copy& copy) const {
  if (copy.group >= groups_.size() || (copy.n_moves != 0 && copy.moves == nullptr)) {
    return refuse(host, TN_ERR_INVALID, "kv_copy: no group %u or no moves", copy.group);
  }
  const uint64_t pages = groups_[copy.group].n_pages;
  for (uint32_t i = 0; i < copy.n_moves; ++i) {
    const tn_kv_move& m = copy.moves[i];
    const auto inside = [&](uint32_t page, uint32_t first) {
      return page < pages && first <= TN_PAGE_POSITIONS && m.n <= TN_PAGE_POSITIONS - first;
    };
    if (inside(m.src_page, m.src_first) && inside(m.dst_page, m.dst_first)) continue;
    return refuse(host, TN_ERR_INVALID, "kv_copy: move %u leaves its pages", i);
  }
  return TN_OK;
}

void KvCache::move_rows(const tn_cmd_kv_copy& copy) {
  const Group& group = groups_[copy.group];
  for (uint32_t i = 0; i < copy.n_moves; ++i) {
    const tn_kv_move& m = copy.moves[i];
    if (m.n == TN_PAGE_POSITIONS && m.src_page != m.dst_page) {
      std::byte* first = region_.data() + group.offset;
      std::memcpy(first + m.dst_page * group.page_bytes, first + m.src_page * group.page_bytes,
                  group.page_bytes);
      continue;
    }
    for (const State& state : states_)
      if (state.group == copy.group) move_state(state, m);
  }
}

tn_status KvCache::check_row(const tn_host* host, const tn_kv_rows& rows) const {
  if (rows.struct_size < TN_SIZE_1_0_tn_kv_rows) {
    return refuse(host, TN_ERR_INVALID, "rows of a state: too short");
  }
  if (sdk::must_decline(rows.flags)) return TN_ERR_UNSUPPORTED;
  const State* state = find(rows.state);
  if (state == nullptr || rows.page >= state->view.n_pages || rows.first > TN_PAGE_POSITIONS ||
      rows.n > TN_PAGE_POSITIONS - rows.first) {
    return refuse(host, TN_ERR_INVALID, "no rows %u+%u of page %u in state %u", rows.first, rows.n,
                  rows.page, rows.state);
  }
  const uint64_t n = uint64_t{state->view.n_kv_heads} * rows.n;
  if (rows.n != 0 && (rows.k == nullptr || rows.v == nullptr ||
                      rows.k_bytes / state->type->row_bytes(state->view.dk) < n ||
                      rows.v_bytes / state->type->row_bytes(state->view.dv) < n)) {
    return refuse(host, TN_ERR_INVALID, "k or v is NULL or too small for %u rows of state %u",
                  rows.n, rows.state);
  }
  return TN_OK;
}

tn_status KvCache::check_rows(const tn_host* host, const tn_cmd_kv_rows& rows) const {
  if (rows.stride < TN_SIZE_1_0_tn_kv_rows) {
    return refuse(host, TN_ERR_INVALID, "rows of a state: stride %u is too short", rows.stride);
  }
  for (uint32_t i = 0; i < rows.n_rows; ++i) {
    const tn_status status = check_row(host, row_at(rows, i));
    if (status != TN_OK) return status;
  }
  return TN_OK;
}

void KvCache::read_rows(const tn_cmd_kv_rows& rows) const {
  for (uint32_t i = 0; i < rows.n_rows; ++i)
    copy_rows(Way::to_rows, *find(row_at(rows, i).state), row_at(rows, i));
}

void KvCache::write_rows(const tn_cmd_kv_rows& rows) {
  for (uint32_t i = 0; i < rows.n_rows; ++i)
    copy_rows(Way::to_tile, *find(row_at(rows, i).state), row_at(rows, i));
}

}  // namespace tenon::cpu
