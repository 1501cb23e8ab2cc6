// Device rank: which devices are taken first where nobody names one.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "framework/device/device.hpp"

namespace tenon {

// Best first. By what they are: GPUs; processors whose memory is the host's; kinds that this host does
// not know; processors behind a driver of their own, which only emulate something. A device without
// a kernel slot is no worse for that.
void rank_devices(std::vector<DeviceInfo>& devices);

// The processor that the host itself runs on, not one behind a driver.
bool is_processor(const DeviceInfo& device);

// Puts a device first that is clearly faster than the first one and of the same rank. `speed_of` is
// asked only where several usable devices share the best rank.
using SpeedFn = std::function<std::optional<double>(const DeviceInfo&)>;
void prefer_faster(std::vector<DeviceInfo>& ranked, const SpeedFn& speed_of);

}  // namespace tenon
