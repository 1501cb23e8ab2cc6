// Device choice: which devices a model runs on, and why the others were not chosen.
#pragma once

#include <span>
#include <vector>

#include "framework/engine/load/devices.hpp"
#include "framework/placement/backend_spec.hpp"
#include "framework/placement/candidates.hpp"

namespace tenon {

struct ChosenDevices {
  std::vector<Target> targets;
  std::vector<std::uint32_t> of_spec;  // the target of each specification
};

// A device for each specification, the first one's is the home device; then every other device with
// host memory as a fallback. Errors: ErrorCode::unavailable with each candidate and why it was
// refused.
Result<ChosenDevices> choose_devices(Devices& devices, std::span<const BackendSpec> specs,
                                     std::uint32_t n_threads, bool validate = false);

// How a place rule names the device of a target.
BackendSpec spec_of(const Target& target);

}  // namespace tenon
