// The KV cache of a model: a block per page of each state, keys before values, heads apart.
#pragma once

#include <tenon/abi/device.h>

#include <memory>
#include <vector>

#include "memory.hpp"

namespace foreign {

class Kv {
 public:
  // The pages of one state.
  struct State {
    uint32_t id, group, heads, dk, dv;
    bool half;  // f16, else f32
    std::vector<std::unique_ptr<Block>> pages;

    uint64_t value_bytes() const { return half ? 2 : 4; }
    uint64_t page_bytes() const {
      return uint64_t{heads} * TN_PAGE_POSITIONS * (uint64_t{dk} + dv) * value_bytes();
    }
    bool has(int64_t slot) const {
      return slot >= 0 && static_cast<uint64_t>(slot) / TN_PAGE_POSITIONS < pages.size();
    }
    // Of one head at a slot (page*64 + index).
    std::byte* key(uint64_t slot, uint32_t head) const;
    std::byte* value(uint64_t slot, uint32_t head) const;
  };

  // TN_ERR_UNSUPPORTED: a kind, dtype or page that this device has not; TN_ERR_OOM.
  static tn_status make(const tn_host* host, Memory& memory, const tn_kv_desc& desc,
                        std::unique_ptr<Kv>& out);
  explicit Kv(const Memory& memory) : memory_(memory) {}
  static tn_status size(const tn_host* host, const tn_kv_desc& desc, uint64_t* bytes);

  const State* find(uint32_t id) const;
  bool lies_in(const Memory& memory) const { return &memory_ == &memory; }
  // Rows of all states of a group; TN_ERR_INVALID if a move leaves its pages.
  tn_status check(const tn_kv_move& move, uint32_t group) const;
  void move(const tn_kv_move& move, uint32_t group) const;
  // Rows to or from host memory; TN_ERR_INVALID if there is no such state, page or room.
  tn_status check(const tn_kv_rows& rows) const;
  void exchange(const tn_kv_rows& rows, bool read) const;

 private:
  static tn_status describe(const tn_host* host, const tn_state_desc& desc, State& out);
  const Memory& memory_;
  std::vector<State> states_;
};

// A stored value, and storing one: rounded to nearest even where it is f16.
float load(const std::byte* from, uint64_t i, bool half);
void store(std::byte* to, uint64_t i, bool half, float value);

inline tn_kv* handle(Kv* kv) { return reinterpret_cast<tn_kv*>(kv); }
inline Kv* kv(tn_kv* handle) { return reinterpret_cast<Kv*>(handle); }

}  // namespace foreign
