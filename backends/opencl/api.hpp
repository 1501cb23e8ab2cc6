// The functions of OpenCL 1.2 that this plugin calls, found at run time: a machine without the loader
// has a reason for a missing device, not a plugin that does not load.
#pragma once

#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>

#include <memory>
#include <string>

namespace tenon::opencl {

// clang-format off
#define TENON_CL_FUNCTIONS(X)                                                                    \
  X(GetPlatformIDs) X(GetPlatformInfo) X(GetDeviceIDs) X(GetDeviceInfo)                          \
  X(CreateContext) X(ReleaseContext) X(CreateCommandQueue) X(ReleaseCommandQueue)                \
  X(CreateBuffer) X(ReleaseMemObject)                                                            \
  X(CreateProgramWithSource) X(CreateProgramWithBinary) X(BuildProgram) X(GetProgramInfo)        \
  X(GetProgramBuildInfo) X(ReleaseProgram) X(CreateKernel) X(ReleaseKernel) X(SetKernelArg)      \
  X(GetKernelInfo) X(GetKernelWorkGroupInfo)                                                      \
  X(EnqueueReadBuffer) X(EnqueueWriteBuffer) X(EnqueueCopyBuffer) X(EnqueueFillBuffer)           \
  X(EnqueueMapBuffer) X(EnqueueUnmapMemObject)                                                   \
  X(EnqueueNDRangeKernel) X(EnqueueMarkerWithWaitList) X(Flush) X(Finish)                        \
  X(WaitForEvents) X(GetEventInfo) X(GetEventProfilingInfo) X(RetainEvent) X(ReleaseEvent)
// clang-format on

struct Api {
#define TENON_CL_POINTER(name) decltype(&cl##name) name = nullptr;
  TENON_CL_FUNCTIONS(TENON_CL_POINTER)
#undef TENON_CL_POINTER

  // Empty and a reason if there is no loader. It stays loaded: drivers do not like to leave.
  static std::unique_ptr<Api> open(std::string& why);
};

}  // namespace tenon::opencl
