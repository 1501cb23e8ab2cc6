// The device as programs are compiled for it.
#pragma once

#include "builds.hpp"
#include "kernels.hpp"
#include "weight.hpp"

namespace tenon::opencl {

class Target final : public gpu::Target {
 public:
  Target(const Gpu& gpu, const Memory& memory, Builds& builds)
      : gpu_(gpu), memory_(memory), builds_(builds) {}

  const tn_host* host() const override { return gpu_.host(); }
  const gpu::Limits& limits() const override { return gpu_.physical().limits; }
  bool has_kernel(const char* name) const override { return find_kernel(name) != nullptr; }
  tn_status pack_dispatches(const gpu::NodeView& node,
                            std::vector<gpu::Dispatch>& out) const override;
  std::optional<uint64_t> weight_bytes(const tn_weight* put) const override {
    const bool here = weight(put)->lies_in(memory_);
    return here ? std::optional(weight(put)->bytes()) : std::nullopt;
  }
  uint64_t part_bytes(const gpu::R16& tiles) const override {
    return Weight::part_bytes(tiles, limits().max_range);
  }

 private:
  const Gpu& gpu_;
  const Memory& memory_;
  Builds& builds_;
};

}  // namespace tenon::opencl
