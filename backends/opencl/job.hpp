// A submission on its way: what the driver still reads of it, and what is due when it ends.
#pragma once

#include <tenon/abi/device.h>

#include <array>
#include <deque>
#include <vector>

#include "backends/gpu/dispatch.hpp"
#include "gpu.hpp"

namespace tenon::opencl {

class Job {
 public:
  explicit Job(Gpu& gpu) : gpu_(gpu) {}
  ~Job();
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  using StepBlock = std::array<uint32_t, gpu::k_step_words>;
  // Lives until the job has ended.
  StepBlock& add_step() { return steps_.emplace_back(); }
  // The time of the launch that signals the event is added to *node_ns when the job ends.
  void add_time(cl_event launch, uint64_t* node_ns) { times_.push_back({launch, node_ns}); }
  // Pinned memory that is copied to the host's when the job ends, until there is no room: NULL.
  std::byte* add_read(void* to, uint64_t bytes);
  // CL_COMPLETE, how far it is, or the failure.
  cl_int progress() const;
  // Tells what was measured; the work has ended.
  void land() const;
  void clear();

  uint64_t ticket = 0;
  cl_event end = nullptr;  // NULL: nothing was enqueued
  std::vector<tn_point> signals;
  tn_status* result = nullptr;
  tn_status status = TN_OK;  // how it ends, as far as that is known

 private:
  struct Time {
    cl_event launch;
    uint64_t* node_ns;
  };
  struct Read {
    const std::byte* from;
    void* to;
    uint64_t bytes;
  };
  Gpu& gpu_;
  cl_mem pinned_ = nullptr;
  std::byte* pinned_memory_ = nullptr;
  uint64_t pinned_used_ = 0;
  std::vector<Read> reads_;
  std::deque<StepBlock> steps_;
  std::vector<Time> times_;
};

}  // namespace tenon::opencl
