// A submission on its way: its command buffers, its staging memory, and what is due when it ends.
// Jobs are used again and keep what they have, so that a step allocates nothing.
#pragma once

#include <tenon/abi/device.h>

#include <vector>

#include "memory.hpp"

namespace tenon::vulkan {

// Host memory that is filled from staging memory when the job has ended.
struct Landing {
  uint64_t from = 0;  // offset in `down`
  void* to = nullptr;
  uint64_t bytes = 0;
  float tick_ns = 0;  // not 0: `to` receives the nanoseconds between neighbours of uint64_t ticks
};

class Job {
 public:
  explicit Job(Gpu& gpu) : gpu_(gpu) {}
  ~Job();
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  // Empties it for another submission.
  tn_status reset();
  // Makes room for that many bytes of staging.
  tn_status reserve(Memory& memory, uint64_t up_bytes, uint64_t down_bytes);
  // A command buffer of its own that is being recorded, the next in `order`.
  tn_status begin(VkCommandBuffer& out);
  // Copies what was read to where it belongs; the work has ended.
  void land() const;

  uint64_t ticket = 0;
  std::vector<VkCommandBuffer> order;  // what is submitted
  std::unique_ptr<Range> up, down;
  std::vector<Landing> landings;
  std::vector<tn_point> signals;
  tn_status* result = nullptr;
  tn_status status = TN_OK;  // how it ends

 private:
  Gpu& gpu_;
  VkCommandPool pool_ = VK_NULL_HANDLE;
  std::vector<VkCommandBuffer> own_;
  size_t n_used_ = 0;
};

}  // namespace tenon::vulkan
