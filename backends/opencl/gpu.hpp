// An opened device: what all its parts share, and the one place where results are checked.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <tenon/sdk/plugin.hpp>

#include "backends/gpu/faults.hpp"
#include "platforms.hpp"

namespace tenon::opencl {

class Gpu {
 public:
  static tn_status open(const tn_host* host, const Api& api, const Physical& physical,
                        gpu::Faults& faults, std::unique_ptr<Gpu>& out);
  Gpu(const tn_host* host, const Api& api, const Physical& physical, gpu::Faults& faults)
      : host_(host), api_(api), physical_(physical), faults_(faults) {}
  ~Gpu();
  Gpu(const Gpu&) = delete;
  Gpu& operator=(const Gpu&) = delete;

  const tn_host* host() const { return host_; }
  const Api& api() const { return api_; }
  const Physical& physical() const { return physical_; }
  cl_context context() const { return context_; }
  cl_command_queue queue() const { return queue_; }  // of all submissions, in order
  cl_command_queue uploads() const { return uploads_; }
  gpu::Faults& faults() { return faults_; }

  // Turn a result into a status, tell the host what failed, and remember a loss. Drivers say the same
  // where there is no room to make a thing, and where the device is gone while it works.
  tn_status check(cl_int result, const char* what);
  tn_status check_made(cl_int result, const char* what);
  tn_status refuse(tn_status status, const char* why) const {
    return sdk::fail(host_, status, why);
  }
  // The last thing that failed: work that fails is told of when somebody asks.
  std::string last_failure() const;
  // Once lost, whatever starts something says so.
  bool lost() const { return lost_; }
  void lose() { lost_ = true; }
  tn_status alive() const {
    return lost_ ? refuse(TN_ERR_DEVICE_LOST, "the device was lost; open it anew") : TN_OK;
  }
  // Memory of the host that the device copies from and to without help: a buffer that stays mapped.
  tn_status make_pinned(uint64_t bytes, cl_map_flags use, cl_mem& buffer, std::byte*& memory);
  void free_pinned(cl_mem& buffer, std::byte*& memory);
  // For things that may be freed and made again at the same address.
  uint64_t new_id() { return ++last_id_; }

 private:
  tn_status create();
  tn_status report(tn_status status, cl_int result, const char* what);

  const tn_host* host_;
  const Api& api_;
  const Physical& physical_;
  gpu::Faults& faults_;
  cl_context context_ = nullptr;
  cl_command_queue queue_ = nullptr, uploads_ = nullptr;
  mutable std::mutex mutex_;  // of last_failure_
  std::string last_failure_;
  std::atomic<bool> lost_{false};
  std::atomic<uint64_t> last_id_{0};
};

}  // namespace tenon::opencl
