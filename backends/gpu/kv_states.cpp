// Checks that need no device.
#include "backends/gpu/kv_states.hpp"

#include <algorithm>
#include <string>
#include <tenon/sdk/device.hpp>

namespace tenon::gpu {
namespace {

tn_status read_state(const tn_host* host, const Limits& limits, const tn_state_desc& desc,
                     const tn_kv_desc& all, KvState& out) {
  const char* dtype = host->id_name(host->ctx, desc.dtype);
  const auto cell = kv_cell(dtype != nullptr ? dtype : "");
  if (desc.kind != TN_STATE_KV || sdk::must_decline(desc.flags) || desc.layout != 0 || !cell)
    return sdk::fail(host, TN_ERR_UNSUPPORTED,
                     "a state of this device holds keys and values, f32, f16 or q8_0");
  if (desc.group >= all.n_groups) return sdk::fail(host, TN_ERR_INVALID, "a state of no group");
  out = {desc.id,
         desc.group,
         desc.dtype,
         all.n_pages[desc.group],
         {{*cell, desc.dk}, desc.n_kv_heads},
         {{*cell, desc.dv}, desc.n_kv_heads}};
  if (desc.n_kv_heads == 0 || !out.k.tile.is_supported() || !out.v.tile.is_supported())
    return sdk::fail(host, TN_ERR_UNSUPPORTED, "no kernel takes heads of this width");
  const uint64_t most = limits.max_range / std::max(out.k.page_bytes(), out.v.page_bytes());
  if (out.n_pages > most)
    return sdk::fail(
        host, TN_ERR_UNSUPPORTED,
        ("a state of this device has at most " + std::to_string(most) + " pages of 64 positions")
            .c_str());
  return TN_OK;
}

bool fits(uint32_t first, uint32_t n) {
  return first <= TN_PAGE_POSITIONS && n <= TN_PAGE_POSITIONS - first;
}

}  // namespace

tn_status read_states(const tn_host* host, const Limits& limits, const tn_kv_desc& desc,
                      std::vector<KvState>& out) {
  if (sdk::must_decline(desc.flags) || desc.page_positions != TN_PAGE_POSITIONS)
    return sdk::fail(host, TN_ERR_UNSUPPORTED, "pages have 64 positions");
  for (uint32_t i = 0; i < desc.n_states; ++i) {
    const tn_state_desc& state = sdk::at(desc.states, desc.state_stride, i);
    const tn_status status = read_state(host, limits, state, desc, out.emplace_back());
    if (status != TN_OK) return status;
  }
  return TN_OK;
}

bool KvState::matches(const Program::State& wanted) const {
  const std::array<int64_t, 3> dims = {k.heads, k.tile.width, v.tile.width};
  return id == wanted.id && dtype == wanted.dtype && dims == wanted.dims;
}

tn_status KvState::check(const tn_kv_move& m) const {
  const bool inside = m.src_page < n_pages && m.dst_page < n_pages;
  return inside && fits(m.src_first, m.n) && fits(m.dst_first, m.n) ? TN_OK : TN_ERR_INVALID;
}

tn_status KvState::check(const tn_kv_rows& rows) const {
  const bool inside = rows.page < n_pages && fits(rows.first, rows.n);
  if (!inside || rows.k == nullptr || rows.v == nullptr) return TN_ERR_INVALID;
  const bool room =
      rows.k_bytes >= k.exchange_bytes(rows.n) && rows.v_bytes >= v.exchange_bytes(rows.n);
  return room ? TN_OK : TN_ERR_INVALID;
}

}  // namespace tenon::gpu
