// Rows are moved by copies of the device; how they lie is known to the pools alone.
#include "kv.hpp"

#include <algorithm>

namespace tenon::vulkan {
namespace {

constexpr uint64_t k_staging_unit = 16;

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
  std::vector<gpu::KvState> states;
  const tn_status status = gpu::read_states(gpu.host(), gpu.physical().limits, desc, states);
  for (const gpu::KvState& state : states) *bytes += status == TN_OK ? state.bytes() : 0;
  return status;
}

tn_status Kv::make(Gpu& gpu, Memory& memory, const tn_kv_desc& desc, std::unique_ptr<Kv>& out) {
  std::vector<gpu::KvState> states;
  tn_status status = gpu::read_states(gpu.host(), gpu.physical().limits, desc, states);
  if (status != TN_OK) return status;
  uint64_t bytes = 0;
  for (const gpu::KvState& is : states) bytes += is.bytes();
  if (bytes > memory.heap().budget)
    return gpu.refuse(TN_ERR_OOM, "the memory of the device is full");
  auto made = std::make_unique<Kv>(gpu.new_id());
  for (const gpu::KvState& is : states) {
    State& state = made->states_.emplace_back();
    state.is = is;
    const uint64_t n = std::max<uint64_t>(is.n_pages, 1);
    status = memory.allocate(n * is.k.page_bytes(), Use::device, state.keys);
    if (status == TN_OK) status = memory.allocate(n * is.v.page_bytes(), Use::device, state.values);
    if (status != TN_OK) return status;
  }
  out = std::move(made);
  return TN_OK;
}

const Kv::State* Kv::find(uint32_t id) const {
  for (const State& state : states_)
    if (state.is.id == id) return &state;
  return nullptr;
}

bool Kv::matches(const gpu::Program::State& wanted) const {
  const State* state = find(wanted.id);
  return state != nullptr && state->is.matches(wanted);
}

bool Kv::lies_in(const Memory& memory) const {
  return states_.empty() || states_[0].keys->lies_in(memory);
}

tn_status Kv::check(const tn_kv_move& move, uint32_t group, uint64_t& staging) const {
  const auto add = [&](uint64_t, uint64_t, uint64_t bytes) { staging += staged(bytes); };
  for (const State& s : states_) {
    if (s.is.group != group) continue;
    if (const tn_status status = s.is.check(move); status != TN_OK) return status;
    if (move.src_page != move.dst_page) continue;  // else they may overlap
    s.is.k.for_move(move, add);
    s.is.v.for_move(move, add);
  }
  return TN_OK;
}

void Kv::move(const tn_kv_move& m, uint32_t group, Recorder& recorder) const {
  for (const State& s : states_) {
    if (s.is.group != group || m.n == 0) continue;
    const auto in_pool = [&](const Range& pool) {
      return [&](uint64_t from, uint64_t to, uint64_t bytes) {
        recorder.move(in(pool, from, bytes), in(pool, to, bytes));
      };
    };
    s.is.k.for_move(m, in_pool(*s.keys));
    s.is.v.for_move(m, in_pool(*s.values));
  }
}

tn_status Kv::check(const tn_kv_rows& rows, uint64_t& staging) const {
  const State* s = find(rows.state);
  if (s == nullptr || s->is.check(rows) != TN_OK) return TN_ERR_INVALID;
  const auto add = [&](uint64_t, uint64_t, uint64_t bytes) { staging += staged(bytes); };
  s->is.k.for_exchange(rows.page, rows.first, rows.n, add);
  s->is.v.for_exchange(rows.page, rows.first, rows.n, add);
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
  s.is.k.for_exchange(rows.page, rows.first, rows.n, from(*s.keys, rows.k));
  s.is.v.for_exchange(rows.page, rows.first, rows.n, from(*s.values, rows.v));
}

void Kv::write(const tn_kv_rows& rows, Recorder& recorder) const {
  const auto to = [&](const Range& pool, void* host) {
    return [&recorder, &pool, host](uint64_t here, uint64_t there, uint64_t bytes) {
      recorder.write(at(host, there), in(pool, here, bytes));
    };
  };
  const State& s = *find(rows.state);
  if (rows.n == 0) return;
  s.is.k.for_exchange(rows.page, rows.first, rows.n, to(*s.keys, rows.k));
  s.is.v.for_exchange(rows.page, rows.first, rows.n, to(*s.values, rows.v));
}

}  // namespace tenon::vulkan
