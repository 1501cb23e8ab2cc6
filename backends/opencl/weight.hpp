// A weight in the device's memory, packed on the cores of the host. One that no buffer holds lies in several parts,
// cut between tiles.
#pragma once

#include "backends/gpu/weights.hpp"
#include "staging.hpp"

namespace tenon::opencl {

class Weight {
 public:
  // TN_ERR_UNSUPPORTED: a layout that this device does not store.
  static tn_status put(Gpu& gpu, Memory& memory, Staging& staging, const tn_weight_desc& desc,
                       std::unique_ptr<Weight>& out);

  // Where a weight is cut that no buffer of `most` bytes holds; 0: it is one part.
  static uint64_t part_bytes(const gpu::R16& tiles, uint64_t most);

  uint64_t bytes() const { return bytes_; }  // that kernels may read
  bool lies_in(const Memory& memory) const { return parts_.front()->lies_in(memory); }
  // The buffer that holds byte `offset`, which becomes the offset in it.
  const Block& part(uint64_t& offset) const;

 private:
  tn_status put_plain(Memory& memory, Staging& staging, const tn_weight_desc& desc);
  tn_status put_tiles(Gpu& gpu, Memory& memory, Staging& staging, const tn_weight_desc& desc,
                      const gpu::R16& tiles);
  tn_status allocate(Memory& memory);

  uint64_t bytes_ = 0, part_bytes_ = 0;  // 0: it is one part
  std::vector<std::unique_ptr<Block>> parts_;
};

inline tn_weight* handle(Weight* weight) { return reinterpret_cast<tn_weight*>(weight); }
inline Weight* weight(tn_weight* handle) { return reinterpret_cast<Weight*>(handle); }
inline const Weight* weight(const tn_weight* handle) {
  return reinterpret_cast<const Weight*>(handle);
}

}  // namespace tenon::opencl
