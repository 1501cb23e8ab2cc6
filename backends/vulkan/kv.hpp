// The KV cache of a model: two pools per state, in the layout of backends/gpu/kv_layout.hpp.
#pragma once

#include "backends/gpu/kv_states.hpp"
#include "memory.hpp"
#include "recorder.hpp"

namespace tenon::vulkan {

class Kv {
 public:
  struct State {
    gpu::KvState is;
    std::unique_ptr<Range> keys, values;
  };

  // TN_ERR_UNSUPPORTED: a kind, dtype or size that this device has not; TN_ERR_OOM.
  static tn_status make(Gpu& gpu, Memory& memory, const tn_kv_desc& desc, std::unique_ptr<Kv>& out);
  static tn_status size(Gpu& gpu, const tn_kv_desc& desc, uint64_t* bytes);
  explicit Kv(uint64_t id) : id_(id) {}

  uint64_t id() const { return id_; }
  const State* find(uint32_t id) const;
  bool matches(const gpu::Program::State& wanted) const;
  bool lies_in(const Memory& memory) const;

  // Refuse what leaves its pages, or has no room; add the staging memory that is needed.
  tn_status check(const tn_kv_move& move, uint32_t group, uint64_t& staging) const;
  tn_status check(const tn_kv_rows& rows, uint64_t& staging) const;
  void move(const tn_kv_move& move, uint32_t group, Recorder& recorder) const;
  void read(const tn_kv_rows& rows, Recorder& recorder) const;
  void write(const tn_kv_rows& rows, Recorder& recorder) const;

 private:
  uint64_t id_;
  std::vector<State> states_;
};

inline tn_kv* handle(Kv* kv) { return reinterpret_cast<tn_kv*>(kv); }
inline Kv* kv(tn_kv* handle) { return reinterpret_cast<Kv*>(handle); }

}  // namespace tenon::vulkan
