// The order of all work of a device: one VkQueue, one semaphore that counts submissions, one mutex.
// The host's queues share it, so what they wait for comes before them by itself.
#pragma once

#include <chrono>
#include <deque>
#include <functional>

#include "backends/gpu/timeline.hpp"
#include "job.hpp"
#include "recorder.hpp"

namespace tenon::vulkan {

class Stream {
 public:
  static tn_status open(Gpu& gpu, Memory& memory, std::unique_ptr<Stream>& out);
  Stream(Gpu& gpu, Memory& memory) : gpu_(gpu), memory_(memory) {}
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  tn_status query(gpu::Timeline& timeline, uint64_t* value);
  tn_status wait(gpu::Timeline& timeline, uint64_t value, uint64_t timeout_ns);
  // Checks everything, then submits; refused work changes nothing.
  tn_status submit(const tn_submit& work);
  // Until everything that was submitted has ended.
  void drain();
  // Uploads `bytes` to a range that nothing uses yet, in parts of `part` bytes: fill(to,
  // first, n) writes bytes first .. first+n-1. They are in place after drain().
  using Fill = std::function<void(std::byte* to, uint64_t first, uint64_t n)>;
  tn_status upload(const Range& to, uint64_t bytes, uint64_t part, const Fill& fill);
  // Gives the staging memory back.
  void trim();

 private:
  tn_status check_points(const tn_submit& work, tn_status& poisoned) const;
  tn_status send(const tn_submit& work, tn_status early, std::unique_ptr<Job> job);
  tn_status start(Job& job);
  tn_status push(Job& job);
  void pump();
  bool all_sent() const {
    return flying_.empty() || flying_.back()->n_sent == flying_.back()->parts.size();
  }
  // What to wait for, to see that ticket or to send what comes before it.
  uint64_t next_ticket(uint64_t ticket) const;
  std::unique_ptr<Job> take_job();
  tn_status upload_part(const Recorder::Place& to, uint64_t first, const Fill& fill);
  tn_status retire();
  void watch(uint64_t reached);
  void end_first();
  void end(std::unique_ptr<Job> job, tn_status status);
  void fail_all();
  tn_status await(uint64_t ticket, uint64_t timeout_ns);

  Gpu& gpu_;
  Memory& memory_;
  std::mutex mutex_;
  VkSemaphore semaphore_ = VK_NULL_HANDLE;
  uint64_t last_ticket_ = 0, last_sent_ = 0, last_reached_ = 0;
  std::chrono::steady_clock::time_point moved_;  // when work ended last, or began on an idle device
  std::deque<std::unique_ptr<Job>> flying_;      // by ticket
  std::vector<std::unique_ptr<Job>> idle_;
  std::vector<VkCommandBufferSubmitInfo> buffers_;  // of push()
};

}  // namespace tenon::vulkan
