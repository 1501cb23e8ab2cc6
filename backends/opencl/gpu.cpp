// One context per device: nothing is shared between devices but the loader.
#include "gpu.hpp"

#include <array>
#include <string>

#include "status.hpp"

namespace tenon::opencl {

tn_status Gpu::open(const tn_host* host, const Api& api, const Physical& physical,
                    gpu::Faults& faults, std::unique_ptr<Gpu>& out) {
  auto made = std::make_unique<Gpu>(host, api, physical, faults);
  const tn_status status = made->create();
  if (status == TN_OK) out = std::move(made);
  return status;
}

Gpu::~Gpu() {
  if (uploads_ != nullptr) api_.ReleaseCommandQueue(uploads_);
  if (queue_ != nullptr) api_.ReleaseCommandQueue(queue_);
  if (context_ != nullptr) api_.ReleaseContext(context_);
}

tn_status Gpu::create() {
  const std::array<cl_context_properties, 3> properties = {
      CL_CONTEXT_PLATFORM, reinterpret_cast<cl_context_properties>(physical_.platform), 0};
  const cl_device_id device = physical_.handle;
  cl_int result = CL_SUCCESS;
  context_ = api_.CreateContext(properties.data(), 1, &device, nullptr, nullptr, &result);
  if (result != CL_SUCCESS) return check_made(result, "the device does not open");
  // Profiling is for the times of nodes.
  queue_ = api_.CreateCommandQueue(context_, device, CL_QUEUE_PROFILING_ENABLE, &result);
  if (result == CL_SUCCESS) uploads_ = api_.CreateCommandQueue(context_, device, 0, &result);
  return check_made(result, "a queue");
}

tn_status Gpu::make_pinned(uint64_t bytes, cl_map_flags use, cl_mem& buffer, std::byte*& memory) {
  cl_int result = CL_SUCCESS;
  buffer = api_.CreateBuffer(context_, CL_MEM_READ_WRITE | CL_MEM_ALLOC_HOST_PTR, bytes, nullptr,
                             &result);
  if (result != CL_SUCCESS) return check_made(result, "pinned memory");
  memory = static_cast<std::byte*>(api_.EnqueueMapBuffer(uploads_, buffer, CL_TRUE, use, 0, bytes,
                                                         0, nullptr, nullptr, &result));
  if (result != CL_SUCCESS) free_pinned(buffer, memory);
  return check_made(result, "pinned memory");
}

void Gpu::free_pinned(cl_mem& buffer, std::byte*& memory) {
  if (memory != nullptr) api_.EnqueueUnmapMemObject(uploads_, buffer, memory, 0, nullptr, nullptr);
  if (memory != nullptr) api_.Finish(uploads_);
  if (buffer != nullptr) api_.ReleaseMemObject(buffer);
  buffer = nullptr;
  memory = nullptr;
}

tn_status Gpu::check(cl_int result, const char* what) {
  return report(status_of(result), result, what);
}

tn_status Gpu::check_made(cl_int result, const char* what) {
  const bool full = result == CL_OUT_OF_RESOURCES;
  return report(full ? tn_status{TN_ERR_OOM} : status_of(result), result, what);
}

tn_status Gpu::report(tn_status status, cl_int result, const char* what) {
  if (status == TN_OK) return TN_OK;
  if (status == TN_ERR_DEVICE_LOST) lose();
  const std::string text =
      std::string(what) + ": " + name_of(result) + " (" + std::to_string(result) + ")";
  {
    const std::lock_guard lock(mutex_);
    last_failure_ = text;
  }
  return refuse(status, text.c_str());
}

std::string Gpu::last_failure() const {
  const std::lock_guard lock(mutex_);
  return last_failure_;
}

}  // namespace tenon::opencl
