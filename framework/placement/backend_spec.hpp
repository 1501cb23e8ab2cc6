// BackendSpec: a backend, or one device of it, as users name it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "framework/base/result.hpp"

namespace tenon {

// "auto", "acme" (its first device), "acme/1" or "acme/pci:0000:01:00.0" (a device, by its index or by
// its identity, which has a colon), "acme/fast" (a kernel pack).
struct BackendSpec {
  std::string backend, pack = {};
  std::optional<std::uint32_t> index = {};
  std::string identity = {};
  bool automatic() const { return backend == "auto"; }
};
Result<BackendSpec> parse_backend(const std::string& text);
std::string to_string(const BackendSpec& spec);

}  // namespace tenon
