// A plan: a compiled program, its scratch and step memory, and recordings of it for the memory that it
// is executed with.
#pragma once

#include "recorder.hpp"
#include "recording.hpp"

namespace tenon::vulkan {

class Plan {
 public:
  static tn_status compile(Gpu& gpu, Memory& memory, Pipelines& pipelines, const tn_subgraph& graph,
                           const tn_compile_opts& opts, std::unique_ptr<Plan>& out);
  Plan(Gpu& gpu, Pipelines& pipelines) : gpu_(gpu), pipelines_(pipelines) {}

  // Whether everything fits: buffers, cache, extents.
  tn_status check(const Memory& memory, const tn_cmd_execute& execute) const;
  // Writes the step block and runs a recording, made for this memory if there is none.
  tn_status execute(const tn_cmd_execute& execute, Recorder& recorder);

  uint64_t step_bytes() const { return gpu::k_step_words * 4 + program_.grids.size() * 16; }
  uint64_t times_bytes() const { return uint64_t{program_.n_nodes + 1} * 8; }
  tn_plan_info info() const;

 private:
  tn_status find_recording(const tn_cmd_execute& execute, Recording*& out);
  void fill_step(const tn_cmd_execute& execute);

  Gpu& gpu_;
  Pipelines& pipelines_;
  gpu::Program program_;
  std::unique_ptr<Range> scratch_, step_;
  std::vector<uint32_t> step_words_;
  std::vector<std::unique_ptr<Recording>> recordings_;
  Pace pace_;
  Recording::Key key_;  // of the execution that is looked up: no allocation per step
};

inline tn_plan* handle(Plan* plan) { return reinterpret_cast<tn_plan*>(plan); }
inline Plan* plan(tn_plan* handle) { return reinterpret_cast<Plan*>(handle); }
inline const Plan* plan(const tn_plan* handle) { return reinterpret_cast<const Plan*>(handle); }

}  // namespace tenon::vulkan
