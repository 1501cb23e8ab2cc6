// The loader shows a platform for each driver that is installed.
#include "platforms.hpp"

#include "backends/gpu/identity.hpp"

namespace tenon::opencl {

Platforms::Platforms(const Pretence& pretence) : api_(Api::open(why_)) {
  if (api_ == nullptr) return;
  cl_uint n = 0;
  if (api_->GetPlatformIDs(0, nullptr, &n) != CL_SUCCESS || n == 0) {
    why_ = "no OpenCL driver is installed";
    return;
  }
  std::vector<cl_platform_id> all(n);
  if (api_->GetPlatformIDs(n, all.data(), nullptr) != CL_SUCCESS) return;
  for (cl_platform_id platform : all) list(platform, pretence);
  gpu::make_identities_unique(devices_);
  if (devices_.empty()) why_ = "the OpenCL drivers show no device";
}

void Platforms::list(cl_platform_id platform, const Pretence& pretence) {
  cl_uint n = 0;
  if (api_->GetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 0, nullptr, &n) != CL_SUCCESS) return;
  std::vector<cl_device_id> all(n);
  if (api_->GetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, n, all.data(), nullptr) != CL_SUCCESS)
    return;
  for (cl_device_id device : all) devices_.push_back(inspect(*api_, platform, device, pretence));
}

}  // namespace tenon::opencl
