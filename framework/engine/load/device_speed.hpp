// Device speed: how fast a device reads weights for one row, measured once for each machine.
#pragma once

#include <optional>

#include "framework/engine/load/devices.hpp"

namespace tenon {

// Bytes of weights per second, of a product of one row and a matrix of 16 MiB; takes about 50 ms and
// 20 MiB of the device. Errors: those of the device; ErrorCode::unavailable if it runs no such thing.
Result<double> measure_speed(const Device& device, const Catalog& catalog);

// What is remembered of the device, else measured and remembered; nothing if it cannot be measured.
std::optional<double> device_speed(Devices& devices, const DeviceInfo& info,
                                   std::uint32_t n_threads);

// What a speed is remembered by: the device, its memory and features, and the plugin that drives it.
std::string identity_of(const DeviceInfo& info, const Catalog& catalog, std::uint32_t n_threads);

}  // namespace tenon
