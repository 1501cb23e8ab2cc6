// SPIR-V that a kernel pack brought, looked at before a driver is: drivers believe what they are given.
#pragma once

#include <tenon/abi/kernels.h>

#include <cstdint>
#include <span>
#include <string>

namespace tenon::vulkan {

// Why the module cannot be a kernel with this entry, or "": it is whole, its capabilities are those of
// the contract or granted by what the kernel needs, its buffers and its work-group fit.
std::string why_not_module(std::span<const uint32_t> words, const char* entry,
                           const tn_kernel_desc& kernel, uint32_t max_invocations);

}  // namespace tenon::vulkan
