// The platforms of the machine, and the devices that their drivers show.
#pragma once

#include <vector>

#include "physical.hpp"

namespace tenon::opencl {

class Platforms {
 public:
  // Never fails: without a loader or a driver there are no devices, and why() says so.
  explicit Platforms(const Pretence& pretence);

  const Api& api() const { return *api_; }
  // They live as long as this does.
  const std::vector<Physical>& devices() const { return devices_; }
  const std::string& why() const { return why_; }

 private:
  void list(cl_platform_id platform, const Pretence& pretence);

  std::unique_ptr<Api> api_;
  std::vector<Physical> devices_;
  std::string why_;
};

}  // namespace tenon::opencl
