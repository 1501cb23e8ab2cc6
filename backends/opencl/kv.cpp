// Rows are moved by copies of the device; how they lie is known to the pools alone.
#include "kv.hpp"

#include <algorithm>

namespace tenon::opencl {
namespace {

std::byte* at(void* host, uint64_t offset) { return static_cast<std::byte*>(host) + offset; }

void keep_first(cl_int& kept, cl_int result) {
  if (kept == CL_SUCCESS) kept = result;
}

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
  auto made = std::make_unique<Kv>(gpu.new_id());
  for (const gpu::KvState& is : states) {
    State& state = made->states_.emplace_back();
    state.is = is;
    const uint64_t n = std::max<uint64_t>(is.n_pages, 1);
    status = memory.allocate(n * is.k.page_bytes(), state.keys);
    if (status == TN_OK) status = memory.allocate(n * is.v.page_bytes(), state.values);
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

tn_status Kv::check(const tn_kv_move& move, uint32_t group) const {
  for (const State& s : states_)
    if (s.is.group == group && s.is.check(move) != TN_OK) return TN_ERR_INVALID;
  return TN_OK;
}

tn_status Kv::check(const tn_kv_rows& rows) const {
  const State* s = find(rows.state);
  return s != nullptr ? s->is.check(rows) : tn_status{TN_ERR_INVALID};
}

cl_int Kv::move(Gpu& gpu, const tn_kv_move& whole, uint32_t group) const {
  cl_int result = CL_SUCCESS;
  const auto copy = [&](const Block& pool) {
    return [&](uint64_t from, uint64_t to, uint64_t bytes) {
      keep_first(result, gpu.api().EnqueueCopyBuffer(gpu.queue(), pool.buffer(), pool.buffer(),
                                                     from, to, bytes, 0, nullptr, nullptr));
    };
  };
  for (const State& s : states_) {
    if (s.is.group != group || whole.n == 0) continue;
    gpu::for_apart(whole, [&](const tn_kv_move& part) {
      s.is.k.for_move(part, copy(*s.keys));
      s.is.v.for_move(part, copy(*s.values));
    });
  }
  return result;
}

cl_int Kv::read(Gpu& gpu, const tn_kv_rows& rows) const {
  cl_int result = CL_SUCCESS;
  const auto from = [&](const Block& pool, void* host) {
    return [&, host](uint64_t here, uint64_t there, uint64_t bytes) {
      keep_first(result, gpu.api().EnqueueReadBuffer(gpu.queue(), pool.buffer(), CL_FALSE, here,
                                                     bytes, at(host, there), 0, nullptr, nullptr));
    };
  };
  const State& s = *find(rows.state);
  if (rows.n == 0) return result;
  s.is.k.for_exchange(rows.page, rows.first, rows.n, from(*s.keys, rows.k));
  s.is.v.for_exchange(rows.page, rows.first, rows.n, from(*s.values, rows.v));
  return result;
}

cl_int Kv::write(Gpu& gpu, const tn_kv_rows& rows) const {
  cl_int result = CL_SUCCESS;
  const auto to = [&](const Block& pool, void* host) {
    return [&, host](uint64_t here, uint64_t there, uint64_t bytes) {
      keep_first(result, gpu.api().EnqueueWriteBuffer(gpu.queue(), pool.buffer(), CL_FALSE, here,
                                                      bytes, at(host, there), 0, nullptr, nullptr));
    };
  };
  const State& s = *find(rows.state);
  if (rows.n == 0) return result;
  s.is.k.for_exchange(rows.page, rows.first, rows.n, to(*s.keys, rows.k));
  s.is.v.for_exchange(rows.page, rows.first, rows.n, to(*s.values, rows.v));
  return result;
}

}  // namespace tenon::opencl
