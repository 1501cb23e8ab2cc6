// An opened VkDevice: what all parts of a device share, and the one place where results are checked.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <tenon/sdk/plugin.hpp>

#include "backends/gpu/self_test/self_test.hpp"
#include "instance.hpp"
#include "requests.hpp"

namespace tenon::vulkan {

class Gpu {
 public:
  static tn_status open(const tn_host* host, const Instance& instance, const Physical& physical,
                        Requests& requests, std::unique_ptr<Gpu>& out);
  Gpu(const tn_host* host, const Instance& instance, const Physical& physical, Requests& requests)
      : host_(host), instance_(instance), physical_(physical), requests_(requests) {}
  ~Gpu();
  Gpu(const Gpu&) = delete;
  Gpu& operator=(const Gpu&) = delete;

  const tn_host* host() const { return host_; }
  const InstanceApi& instance_api() const { return instance_.api(); }
  const Physical& physical() const { return physical_; }
  const DeviceApi& api() const { return api_; }
  VkDevice handle() const { return device_; }
  VkQueue queue() const { return queue_; }
  Requests& requests() const { return requests_; }

  // Turns a result into a status, tells the host what failed, and remembers a loss.
  tn_status check(VkResult result, const char* what);
  tn_status refuse(tn_status status, const char* why) const {
    return sdk::fail(host_, status, why);
  }
  // Once lost, whatever starts something says so.
  bool lost() const { return lost_; }
  void lose(const std::string& why);
  tn_status alive() const;
  // Kernels that failed the self-test; set before anything is compiled for the host.
  const std::vector<gpu::Dropped>& dropped() const { return dropped_; }
  void drop(std::vector<gpu::Dropped> dropped) { dropped_ = std::move(dropped); }
  // For things that may be freed and made again at the same address.
  uint64_t new_id() { return ++last_id_; }

 private:
  tn_status create();

  const tn_host* host_;
  const Instance& instance_;
  const Physical& physical_;
  Requests& requests_;
  DeviceApi api_;
  VkDevice device_ = VK_NULL_HANDLE;
  VkQueue queue_ = VK_NULL_HANDLE;
  std::atomic<bool> lost_{false};
  std::vector<gpu::Dropped> dropped_;
  mutable std::mutex mutex_;
  std::string why_lost_;  // the first reason
  std::atomic<uint64_t> last_id_{0};
};

}  // namespace tenon::vulkan
