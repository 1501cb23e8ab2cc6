// The KV cache: states in groups. A page of a group is one run of bytes: for each of its states the
// tiles of k, [dk][64] per kv head, then those of v, [64][dv] (see tn_cpu_kv for the scales of
// q8_0), so that copying or moving a page is one copy. All groups lie in one reserved, zeroed region
// that is committed as pages are written.
#pragma once

#include <tenon/abi/device.h>
#include <tenon/abi/sizes_1_0.h>
#include <tenon/abi/slots/cpu.h>

#include <vector>

#include "backends/cpu/device/memory.hpp"

namespace tenon::cpu {

class KvCache {
 public:
  struct StoredType {
    const char* name;
    uint32_t value_bytes, block;  // block: values that share an f16 scale; 0: none
    uint64_t row_bytes(uint64_t d) const { return d * value_bytes + 2 * scales(d); }
    uint64_t scales(uint64_t d) const { return block == 0 ? 0 : (d + block - 1) / block; }
  };
  struct State {
    uint32_t id, group;
    tn_id dtype;
    const StoredType* type;
    uint64_t k_offset, v_offset;  // in a page of the group
    tn_cpu_kv view;
  };

  static tn_status bytes_for(const tn_host* host, const tn_kv_desc* desc, uint64_t* bytes);
  static tn_status create(const tn_host* host, const tn_kv_desc* desc, KvCache** out);

  // NULL when this cache has no such state. Constant time: called for each state at each step.
  const State* find(uint32_t id) const {
    const uint32_t at = id < index_.size() ? index_[id] : TN_NONE;
    return at != TN_NONE ? &states_[at] : nullptr;
  }

  // Each run call after its check.
  tn_status check_moves(const tn_host* host, const tn_cmd_kv_copy& copy) const;
  void move_rows(const tn_cmd_kv_copy& copy);
  tn_status check_rows(const tn_host* host, const tn_cmd_kv_rows& rows) const;
  void read_rows(const tn_cmd_kv_rows& rows) const;
  void write_rows(const tn_cmd_kv_rows& rows);

 private:
  struct Group {
    uint64_t n_pages, page_bytes, offset;  // offset: in the region
  };
  struct Layout {
    std::vector<State> states;
    std::vector<Group> groups;
    uint64_t bytes = 0;
  };
  static tn_status lay_out(const tn_host* host, const tn_kv_desc* desc, Layout& layout);
  static tn_status add_state(const tn_host* host, const tn_state_desc& shape, Layout& layout);
  void make_views();
  tn_status check_row(const tn_host* host, const tn_kv_rows& rows) const;

  Region region_;
  std::vector<State> states_;
  std::vector<Group> groups_;
  std::vector<uint32_t> index_;  // id -> place in states_
};

inline tn_kv* handle(KvCache* kv) { return reinterpret_cast<tn_kv*>(kv); }
inline KvCache* kv_cache(tn_kv* handle) { return reinterpret_cast<KvCache*>(handle); }

}  // namespace tenon::cpu
