// Whether a device computes what the mirror predicts: drivers miscompile, and no list of them is ever
// whole. Each family of kernels runs a small problem several times, because some are wrong now and then.
#pragma once

#include <string>
#include <tenon/sdk/device.hpp>
#include <vector>

namespace tenon::gpu {

// A kernel that must not be used.
struct Dropped {
  std::string kernel, why;
};

// As a host would, through the functions of the device; `out`: what is wrong with it. A family that the
// device declines is not tried. Anything but TN_OK: the test itself failed.
tn_status test_device(const tn_host* host, sdk::Device& device, std::vector<Dropped>& out);

// For memory on disk: a line for each.
std::string to_text(const std::vector<Dropped>& dropped);
std::vector<Dropped> from_text(const std::string& text);

}  // namespace tenon::gpu
