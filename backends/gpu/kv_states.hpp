// The states of a cache as the host describes them, and what of a request for rows of theirs is refused.
#pragma once

#include <vector>

#include "backends/gpu/kv_layout.hpp"
#include "backends/gpu/program.hpp"

namespace tenon::gpu {

struct KvState {
  uint32_t id = 0, group = 0;
  tn_id dtype = 0;
  uint64_t n_pages = 0;
  KvPool k, v;

  uint64_t bytes() const { return n_pages * (k.page_bytes() + v.page_bytes()); }
  bool matches(const Program::State& wanted) const;
  // TN_ERR_INVALID: a move or rows that leave their pages, or have no room in the host's memory.
  tn_status check(const tn_kv_move& move) const;
  tn_status check(const tn_kv_rows& rows) const;
};

// TN_ERR_UNSUPPORTED: a kind, dtype or size that kernels do not take, or a pool that no binding covers.
tn_status read_states(const tn_host* host, const Limits& limits, const tn_kv_desc& desc,
                      std::vector<KvState>& out);

// Calls move(part) for moves that do the same one after another and of which none overlaps itself.
template <class Move>
void for_apart(const tn_kv_move& whole, const Move& move) {
  const bool down = whole.dst_first < whole.src_first;
  const uint32_t apart =
      down ? whole.src_first - whole.dst_first : whole.dst_first - whole.src_first;
  if (whole.src_page != whole.dst_page || apart >= whole.n) return move(whole);
  if (apart == 0) return;
  for (uint32_t done = 0; done < whole.n; done += apart) {
    tn_kv_move part = whole;
    part.n = whole.n - done < apart ? whole.n - done : apart;
    const uint32_t skipped = down ? done : whole.n - done - part.n;
    part.src_first += skipped;
    part.dst_first += skipped;
    move(part);
  }
}

}  // namespace tenon::gpu
