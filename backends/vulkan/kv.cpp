// Rows are moved by copies of the device; how they lie is known to the pools alone.
#include "kv.hpp"

#include <algorithm>
#include <string>
#include <tenon/sdk/device.hpp>

#include "recorder.hpp"

namespace tenon::vulkan {
namespace {

constexpr uint64_t k_staging_unit = 16;

tn_status describe(Gpu& gpu, const tn_state_desc& desc, const tn_kv_desc& all, Kv::State& out) {
  const char* dtype = gpu.host()->id_name(gpu.host()->ctx, desc.dtype);
  const auto cell = gpu::kv_cell(dtype != nullptr ? dtype : "");
  if (desc.kind != TN_STATE_KV || sdk::must_decline(desc.flags) || desc.layout != 0 || !cell)
    return gpu.refuse(TN_ERR_UNSUPPORTED,
                      "a state of this device holds keys and values, f32, f16 or q8_0");
  if (desc.group >= all.n_groups) return gpu.refuse(TN_ERR_INVALID, "a state of no group");
  out.id = desc.id;
  out.group = desc.group;
  out.dtype = desc.dtype;
  out.n_pages = all.n_pages[desc.group];
  out.k = {{*cell, desc.dk}, desc.n_kv_heads};
  out.v = {{*cell, desc.dv}, desc.n_kv_heads};
  if (!out.k.tile.is_supported() || !out.v.tile.is_supported())
    return gpu.refuse(TN_ERR_UNSUPPORTED, "no kernel takes heads of this width");
  const uint64_t page = std::max(out.k.page_bytes(), out.v.page_bytes());
  const uint64_t most = gpu.physical().limits.max_range / page;
  if (out.n_pages > most)
    return gpu.refuse(TN_ERR_UNSUPPORTED, ("a state of this device has at most " +
                                           std::to_string(most) + " pages of 64 positions")
                                              .c_str());
  return TN_OK;
}

uint64_t staged(uint64_t bytes) {
  return (bytes + k_staging_unit - 1) / k_staging_unit * k_staging_unit;
}

Recorder::Place in(const Range& pool, uint64_t offset, uint64_t bytes) {
  return {pool.buffer(), pool.offset() + offset, bytes};
}

std::byte* at(void* host, uint64_t offset) { return static_cast<std::byte*>(host) + offset; }

}  // namespace

tn_status Kv::size(Gpu& gpu, const tn_kv_desc& desc, uint64_t* bytes) {
  *bytes = 0;
  if (sdk::must_decline(desc.flags) || desc.page_positions != TN_PAGE_POSITIONS)
    return gpu.refuse(TN_ERR_UNSUPPORTED, "pages have 64 positions");
  for (uint32_t i = 0; i < desc.n_states; ++i) {
    State state;
    const tn_status status = describe(gpu, sdk::at(desc.states, desc.state_stride, i), desc, state);
    if (status != TN_OK) return status;
    *bytes += state.n_pages * (state.k.page_bytes() + state.v.page_bytes());
  }
  return TN_OK;
}

tn_status Kv::make(Gpu& gpu, Memory& memory, const tn_kv_desc& desc, std::unique_ptr<Kv>& out) {
  uint64_t bytes = 0;
  if (const tn_status status = size(gpu, desc, &bytes); status != TN_OK) return status;
  if (bytes > memory.heap().budget)
    return gpu.refuse(TN_ERR_OOM, "the memory of the device is full");
  auto made = std::make_unique<Kv>(gpu.new_id());
  for (uint32_t i = 0; i < desc.n_states; ++i) {
    State& state = made->states_.emplace_back();
    describe(gpu, sdk::at(desc.states, desc.state_stride, i), desc, state);
    const uint64_t n = std::max<uint64_t>(state.n_pages, 1);
    tn_status status = memory.allocate(n * state.k.page_bytes(), Use::device, state.keys);
    if (status == TN_OK)
      status = memory.allocate(n * state.v.page_bytes(), Use::device, state.values);
    if (status != TN_OK) return status;
  }
  out = std::move(made);
  return TN_OK;
}

const Kv::State* Kv::find(uint32_t id) const {
  for (const State& state : states_)
    if (state.id == id) return &state;
  return nullptr;
}

bool Kv::matches(const Program::State& wanted) const {
  const State* state = find(wanted.id);
  return state != nullptr && state->dtype == wanted.dtype &&
         wanted.dims ==
             std::array<int64_t, 3>{state->k.heads, state->k.tile.width, state->v.tile.width};
}

bool Kv::lies_in(const Memory& memory) const {
  return states_.empty() || states_[0].keys->lies_in(memory);
}

tn_status Kv::check(const tn_kv_move& m, uint32_t group, uint64_t& staging) const {
  const auto fits = [](uint32_t first, uint32_t n) {
    return first <= TN_PAGE_POSITIONS && n <= TN_PAGE_POSITIONS - first;
  };
  if (!fits(m.src_first, m.n) || !fits(m.dst_first, m.n)) return TN_ERR_INVALID;
  for (const State& s : states_) {
    if (s.group != group) continue;
    if (m.src_page >= s.n_pages || m.dst_page >= s.n_pages) return TN_ERR_INVALID;
    const auto add = [&](uint64_t, uint64_t, uint64_t bytes) { staging += staged(bytes); };
    if (m.src_page == m.dst_page) {  // they may overlap
      s.k.for_move(m, add);
      s.v.for_move(m, add);
    }
  }
  return TN_OK;
}

void Kv::move(const tn_kv_move& m, uint32_t group, Recorder& recorder) const {
  for (const State& s : states_) {
    if (s.group != group || m.n == 0) continue;
    const auto in_pool = [&](const Range& pool) {
      return [&](uint64_t from, uint64_t to, uint64_t bytes) {
        recorder.move(in(pool, from, bytes), in(pool, to, bytes));
      };
    };
    s.k.for_move(m, in_pool(*s.keys));
    s.v.for_move(m, in_pool(*s.values));
  }
}

tn_status Kv::check(const tn_kv_rows& rows, uint64_t& staging) const {
  const State* s = find(rows.state);
  if (s == nullptr || rows.page >= s->n_pages || rows.first > TN_PAGE_POSITIONS ||
      rows.n > TN_PAGE_POSITIONS - rows.first || rows.k == nullptr || rows.v == nullptr ||
      rows.k_bytes < s->k.exchange_bytes(rows.n) || rows.v_bytes < s->v.exchange_bytes(rows.n))
    return TN_ERR_INVALID;
  const auto add = [&](uint64_t, uint64_t, uint64_t bytes) { staging += staged(bytes); };
  s->k.for_exchange(rows.page, rows.first, rows.n, add);
  s->v.for_exchange(rows.page, rows.first, rows.n, add);
  return TN_OK;
}

void Kv::read(const tn_kv_rows& rows, Recorder& recorder) const {
  const auto from = [&](const Range& pool, void* host) {
    return [&recorder, &pool, host](uint64_t here, uint64_t there, uint64_t bytes) {
      recorder.read(in(pool, here, bytes), at(host, there));
    };
  };
  const State& s = *find(rows.state);
  if (rows.n == 0) return;
  s.k.for_exchange(rows.page, rows.first, rows.n, from(*s.keys, rows.k));
  s.v.for_exchange(rows.page, rows.first, rows.n, from(*s.values, rows.v));
}

void Kv::write(const tn_kv_rows& rows, Recorder& recorder) const {
  const auto to = [&](const Range& pool, void* host) {
    return [&recorder, &pool, host](uint64_t here, uint64_t there, uint64_t bytes) {
      recorder.write(at(host, there), in(pool, here, bytes));
    };
  };
  const State& s = *find(rows.state);
  if (rows.n == 0) return;
  s.k.for_exchange(rows.page, rows.first, rows.n, to(*s.keys, rows.k));
  s.v.for_exchange(rows.page, rows.first, rows.n, to(*s.values, rows.v));
}

}  // namespace tenon::vulkan
