// The VkInstance of a backend, and the devices that its drivers show.
#pragma once

#include <memory>
#include <vector>

#include "lies.hpp"
#include "physical.hpp"

namespace tenon::vulkan {

class Instance {
 public:
  // Never fails: without a loader or a driver there are no devices, and why() says so.
  explicit Instance(Lies& lies);
  ~Instance();
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  const InstanceApi& api() const { return api_; }
  // They live as long as the instance.
  const std::vector<Physical>& devices() const { return devices_; }
  const std::string& why() const { return why_; }

 private:
  bool start(Lies& lies);

  std::unique_ptr<Loader> loader_;
  VkInstance instance_ = VK_NULL_HANDLE;
  InstanceApi api_;
  std::vector<Physical> devices_;
  std::string why_;
};

}  // namespace tenon::vulkan
