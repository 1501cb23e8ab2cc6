// The device under test: what the tests of kernels are run on, and what it declined.
#pragma once

#include <set>
#include <string>

namespace tenon::conformance {

// By the environment
//   TENON_GPU_PLUGIN   the plugin of the backend
//   TENON_GPU_DEVICE   the number of its device; else 0
//   TENON_GPU_PACKS    kernel packs whose kernels for the slots of the device are judged as well,
//                      separated by colons
struct DeviceReport {
  std::string backend, device;
  std::string refusal;             // why it does not open; "": it does
  std::size_t n_kernels = 0;       // ops of its own and kernels of packs
  std::set<std::string> declined;  // "OP: REASON"
};
const DeviceReport& device_under_test();

}  // namespace tenon::conformance
