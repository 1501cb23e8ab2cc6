// A submission on its way: its command buffers, its staging memory, and what is due when it ends.
// Jobs are used again and keep what they have, so that a step allocates nothing.
#pragma once

#include <tenon/abi/device.h>

#include <vector>

#include "memory.hpp"
#include "pace.hpp"

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

  // A part is submitted for itself; it may be one of a plan.
  struct Part {
    size_t begin = 0;  // of `order`
    Pace* pace = nullptr;
    uint32_t number = 0;  // of the plan
  };
  // A command buffer that was recorded before, the next in `order`
  void add(VkCommandBuffer recorded, uint32_t number, Pace* measured);

  uint64_t ticket = 0;                 // of the last part; the others have those before it
  std::vector<VkCommandBuffer> order;  // what is submitted
  std::vector<Part> parts;             // at least one
  size_t n_sent = 0;                   // parts
  std::vector<Pace*> paces;            // of the plans that it executes
  const uint32_t* cancel = nullptr;
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
