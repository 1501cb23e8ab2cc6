// Writes the commands of a submission into its job: few ones of its own around recorded plans.
#pragma once

#include "hazards.hpp"
#include "job.hpp"

namespace tenon::vulkan {

class Recorder {
 public:
  // The job must have the room that the commands need (Job::reserve).
  Recorder(Gpu& gpu, Job& job) : gpu_(gpu), job_(job) {}

  // Bytes of a buffer.
  struct Place {
    VkBuffer buffer = VK_NULL_HANDLE;
    uint64_t offset = 0, bytes = 0;
  };
  void copy(const Place& from, const Place& to);
  void fill(const Place& to, uint32_t pattern);
  void write(const void* from, const Place& to);  // takes the bytes at once
  // Where to put the bytes that reach `to`, before the job is submitted; NULL after a failure.
  std::byte* stage(const Place& to);
  // A copy within a buffer whose places may overlap.
  void move(const Place& from, const Place& to);
  void read(const Place& from, void* to);  // lands them when the job ends
  // Command buffers that were recorded before, after everything that was written so far; each but the
  // first begins a part of the job.
  void run(std::span<const VkCommandBuffer> recorded, Pace& pace, bool measured);
  // Lands the nanoseconds between n+1 timestamps that the job writes.
  void read_times(VkQueryPool pool, uint32_t n, uint64_t* to);
  // Ends what was begun; the first failure of all these functions.
  tn_status finish();

 private:
  bool open();  // a command buffer is being recorded
  void close();
  void order(std::initializer_list<Access> accesses);
  void barrier(VkPipelineStageFlags2 to_stages, VkAccessFlags2 to_accesses);

  Gpu& gpu_;
  Job& job_;
  VkCommandBuffer commands_ = VK_NULL_HANDLE;  // being recorded, or none
  Hazards hazards_;
  uint64_t up_used_ = 0, down_used_ = 0;
  tn_status status_ = TN_OK;
};

}  // namespace tenon::vulkan
