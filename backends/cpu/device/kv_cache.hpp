// The KV cache: per layer one pool of tiles, k [dk][64] and v [64][dv] per page and kv head (see
// tn_cpu_kv for the scales of q8_0). All pools lie in one reserved,
// zeroed region that is committed as pages are written.
#pragma once

#include <tenon/abi/device.h>
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
  struct Layer {
    uint32_t layer;
    tn_id dtype;
    const StoredType* type;
    uint64_t k_offset, v_offset, k_bytes, v_bytes;
    tn_cpu_kv view;
  };

  static tn_status bytes_for(const tn_host* host, const tn_kv_desc* desc, uint64_t* bytes);
  static tn_status create(const tn_host* host, const tn_kv_desc* desc, KvCache** out);

  // NULL when this cache has no such layer. Constant time: called for each state at each step.
  const Layer* find(uint32_t layer) const {
    const uint32_t at = layer < index_.size() ? index_[layer] : TN_NONE;
    return at != TN_NONE ? &layers_[at] : nullptr;
  }
  tn_status export_rows(const tn_host* host, const tn_kv_rows* rows) const;
  tn_status import_rows(const tn_host* host, const tn_kv_rows* rows);

 private:
  static tn_status lay_out(const tn_host* host, const tn_kv_desc* desc, std::vector<Layer>& layers,
                           uint64_t* bytes);
  void make_views();
  const Layer* checked(const tn_host* host, const tn_kv_rows* rows, const char* call) const;

  Region region_;
  std::vector<Layer> layers_;
  std::vector<uint32_t> index_;  // layer number -> place in layers_
};

inline tn_kv* handle(KvCache* kv) { return reinterpret_cast<tn_kv*>(kv); }
inline KvCache* kv_cache(tn_kv* handle) { return reinterpret_cast<KvCache*>(handle); }

}  // namespace tenon::cpu
