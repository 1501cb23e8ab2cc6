// The device as programs are compiled for it.
#pragma once

#include <algorithm>

#include "backends/gpu/program.hpp"
#include "pipelines.hpp"
#include "shaders.hpp"
#include "weight.hpp"

namespace tenon::vulkan {

class Target final : public gpu::Target {
 public:
  Target(const Gpu& gpu, const Memory& memory, Pipelines& pipelines)
      : gpu_(gpu), memory_(memory), pipelines_(pipelines) {}

  const tn_host* host() const override { return gpu_.host(); }
  const gpu::Limits& limits() const override { return gpu_.physical().limits; }
  bool has_kernel(const char* name) const override { return find_shader(name) != nullptr; }
  const char* why_dropped(const char* name) const override {
    for (const gpu::Dropped& dropped : gpu_.dropped())
      if (dropped.kernel == name) return dropped.why.c_str();
    return nullptr;
  }
  tn_status pack_dispatches(const gpu::NodeView& node,
                            std::vector<gpu::Dispatch>& out) const override;
  std::optional<uint64_t> weight_bytes(const tn_weight* put) const override {
    const Range& range = weight(put)->range();
    return range.lies_in(memory_) ? std::optional(range.size()) : std::nullopt;
  }
  bool lie_near(std::span<const tn_weight* const> weights) const override {
    uint64_t begin = UINT64_MAX, end = 0;
    for (const tn_weight* put : weights) {
      const Range& range = weight(put)->range();
      if (range.buffer() != weight(weights[0])->range().buffer()) return false;
      begin = std::min(begin, range.offset());
      end = std::max(end, range.offset() + range.size());
    }
    return end - begin <= limits().max_range;
  }

 private:
  const Gpu& gpu_;
  const Memory& memory_;
  Pipelines& pipelines_;
};

}  // namespace tenon::vulkan
