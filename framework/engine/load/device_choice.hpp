// Device choice: which devices a model runs on, home first, and why the others were not chosen.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "framework/placement/candidates.hpp"

namespace tenon {

// "auto", "cpu", "cpu/avx2" (a kernel pack), "vulkan/1" (a device).
struct BackendSpec {
  std::string backend, pack;
  std::optional<std::uint32_t> index;
  bool automatic() const { return backend == "auto"; }
};
Result<BackendSpec> parse_backend(const std::string& text);

// The home device, then every other device with host memory as a fallback. Errors:
// ErrorCode::unavailable with each candidate and why it was refused.
Result<std::vector<Target>> choose_devices(const HostTable& host, const Catalog& catalog,
                                           const BackendSpec& spec, std::uint32_t n_threads,
                                           bool validate = false);

}  // namespace tenon
