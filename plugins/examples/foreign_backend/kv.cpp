// Pages, and rows of them.
#include "kv.hpp"

#include <bit>
#include <cstring>
#include <tenon/sdk/device.hpp>

namespace foreign {

using tenon::sdk::at;
using tenon::sdk::fail;
using tenon::sdk::same_text;

std::byte* Kv::State::key(uint64_t slot, uint32_t head) const {
  const uint64_t row = uint64_t{head} * TN_PAGE_POSITIONS + slot % TN_PAGE_POSITIONS;
  return pages[slot / TN_PAGE_POSITIONS]->at(row * dk * value_bytes());
}

std::byte* Kv::State::value(uint64_t slot, uint32_t head) const {
  const uint64_t row = uint64_t{head} * TN_PAGE_POSITIONS + slot % TN_PAGE_POSITIONS;
  const uint64_t keys = uint64_t{heads} * TN_PAGE_POSITIONS * dk;
  return pages[slot / TN_PAGE_POSITIONS]->at((keys + row * dv) * value_bytes());
}

tn_status Kv::describe(const tn_host* host, const tn_state_desc& desc, State& out) {
  const char* dtype = host->id_name(host->ctx, desc.dtype);
  const bool half = dtype != nullptr && same_text(dtype, "f16");
  if (desc.kind != TN_STATE_KV || tenon::sdk::must_decline(desc.flags) || desc.layout != 0 ||
      dtype == nullptr || (!half && !same_text(dtype, "f32")))
    return fail(host, TN_ERR_UNSUPPORTED,
                "a state of this device holds keys and values, f16 or f32");
  out = {desc.id, desc.group, desc.n_kv_heads, desc.dk, desc.dv, half, {}};
  if (out.page_bytes() > k_max_alloc)
    return fail(host, TN_ERR_UNSUPPORTED, "a page of a state is larger than 1 MiB");
  return TN_OK;
}

tn_status Kv::size(const tn_host* host, const tn_kv_desc& desc, uint64_t* bytes) {
  *bytes = 0;
  if (tenon::sdk::must_decline(desc.flags) || desc.page_positions != TN_PAGE_POSITIONS)
    return fail(host, TN_ERR_UNSUPPORTED, "pages have 64 positions");
  for (uint32_t i = 0; i < desc.n_states; ++i) {
    const tn_state_desc& d = at(desc.states, desc.state_stride, i);
    State state{};
    if (const tn_status status = describe(host, d, state); status != TN_OK) return status;
    if (d.group >= desc.n_groups) return fail(host, TN_ERR_INVALID, "a state of no group");
    *bytes += desc.n_pages[d.group] * state.page_bytes();
  }
  return TN_OK;
}

tn_status Kv::make(const tn_host* host, Memory& memory, const tn_kv_desc& desc,
                   std::unique_ptr<Kv>& out) {
  uint64_t bytes = 0;
  if (const tn_status status = size(host, desc, &bytes); status != TN_OK) return status;
  if (bytes > memory.free_bytes()) return fail(host, TN_ERR_OOM, "the device's memory is full");
  auto made = std::make_unique<Kv>(memory);
  for (uint32_t i = 0; i < desc.n_states; ++i) {
    State& state = made->states_.emplace_back();
    describe(host, at(desc.states, desc.state_stride, i), state);
    for (uint64_t p = 0; p < desc.n_pages[state.group]; ++p) {
      auto page = memory.allocate(state.page_bytes());
      if (page == nullptr) return fail(host, TN_ERR_OOM, "the device's memory is full");
      state.pages.push_back(std::move(page));
    }
  }
  out = std::move(made);
  return TN_OK;
}

const Kv::State* Kv::find(uint32_t id) const {
  for (const State& state : states_)
    if (state.id == id) return &state;
  return nullptr;
}

tn_status Kv::check(const tn_kv_move& m, uint32_t group) const {
  const auto fits = [](uint32_t first, uint32_t n) {
    return first <= TN_PAGE_POSITIONS && n <= TN_PAGE_POSITIONS - first;
  };
  for (const State& s : states_)
    if (s.group == group && (m.src_page >= s.pages.size() || m.dst_page >= s.pages.size()))
      return TN_ERR_INVALID;
  return fits(m.src_first, m.n) && fits(m.dst_first, m.n) ? TN_OK : TN_ERR_INVALID;
}

void Kv::move(const tn_kv_move& m, uint32_t group) const {
  const uint64_t from = uint64_t{m.src_page} * TN_PAGE_POSITIONS + m.src_first;
  const uint64_t to = uint64_t{m.dst_page} * TN_PAGE_POSITIONS + m.dst_first;
  for (const State& s : states_)
    for (uint32_t h = 0; s.group == group && m.n > 0 && h < s.heads; ++h) {
      std::memmove(s.key(to, h), s.key(from, h), m.n * s.dk * s.value_bytes());
      std::memmove(s.value(to, h), s.value(from, h), m.n * s.dv * s.value_bytes());
    }
}

tn_status Kv::check(const tn_kv_rows& rows) const {
  const State* s = find(rows.state);
  if (s == nullptr || rows.page >= s->pages.size() || rows.first > TN_PAGE_POSITIONS ||
      rows.n > TN_PAGE_POSITIONS - rows.first || rows.k == nullptr || rows.v == nullptr)
    return TN_ERR_INVALID;
  const uint64_t values = uint64_t{s->heads} * rows.n * s->value_bytes();
  return rows.k_bytes >= values * s->dk && rows.v_bytes >= values * s->dv ? TN_OK : TN_ERR_INVALID;
}

void Kv::exchange(const tn_kv_rows& rows, bool read) const {
  const State& s = *find(rows.state);
  const uint64_t slot = uint64_t{rows.page} * TN_PAGE_POSITIONS + rows.first;
  const auto copy = [&](void* host, std::byte* here, uint64_t index, uint64_t bytes) {
    auto* there = static_cast<std::byte*>(host) + index * bytes;
    std::memcpy(read ? there : here, read ? here : there, bytes);
  };
  for (uint32_t h = 0; rows.n > 0 && h < s.heads; ++h) {
    copy(rows.k, s.key(slot, h), h, rows.n * s.dk * s.value_bytes());
    copy(rows.v, s.value(slot, h), h, rows.n * s.dv * s.value_bytes());
  }
}

namespace {

float from_half(uint16_t half) {
  const uint32_t sign = (half & 0x8000u) << 16, magnitude = (half & 0x7fffu) << 13;
  const float value = std::bit_cast<float>(magnitude) * 0x1p112f;
  const uint32_t bits =
      magnitude >= 0x0f800000u ? magnitude | 0x7f800000u : std::bit_cast<uint32_t>(value);
  return std::bit_cast<float>(sign | bits);
}

uint16_t to_half(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  const uint32_t sign = bits >> 16 & 0x8000u, magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) return static_cast<uint16_t>(sign | 0x7e00u);
  if (magnitude >= 0x477ff000u) return static_cast<uint16_t>(sign | 0x7c00u);
  if (magnitude < 0x38800000u) {  // subnormal: the addition rounds to a multiple of 2^-24
    const float tiny = std::bit_cast<float>(magnitude) + 0.5f;
    return static_cast<uint16_t>(sign | (std::bit_cast<uint32_t>(tiny) - 0x3f000000u));
  }
  const uint32_t rounded = magnitude + 0xfffu + (magnitude >> 13 & 1u) - 0x38000000u;
  return static_cast<uint16_t>(sign | rounded >> 13);
}

}  // namespace

float load(const std::byte* from, uint64_t i, bool half) {
  uint16_t bits = 0;
  float value = 0;
  if (half)
    std::memcpy(&bits, from + 2 * i, 2);
  else
    std::memcpy(&value, from + 4 * i, 4);
  return half ? from_half(bits) : value;
}

void store(std::byte* to, uint64_t i, bool half, float value) {
  const uint16_t bits = half ? to_half(value) : uint16_t{0};
  if (half)
    std::memcpy(to + 2 * i, &bits, 2);
  else
    std::memcpy(to + 4 * i, &value, 4);
}

}  // namespace foreign
