// Weights on their way to the device: packed on the host, uploaded through staging memory.
#pragma once

#include "stream.hpp"
#include "weight.hpp"

namespace tenon::vulkan {

// It is in place after Stream::drain(). TN_ERR_UNSUPPORTED: a layout that this device does not store.
tn_status put_weight(Gpu& gpu, Memory& memory, Stream& stream, const tn_weight_desc& desc,
                     std::unique_ptr<Weight>& out);

}  // namespace tenon::vulkan
