// Manifest: what a plugin file says about itself before any of its code runs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "framework/base/result.hpp"

namespace tenon {

struct AbiVersion {
  std::uint32_t major = 0, minor = 0;
  bool operator==(const AbiVersion&) const = default;
  std::string text() const;
};

struct Manifest {
  AbiVersion abi;     // built for
  AbiVersion min;     // the oldest host it works with
  std::string draft;  // of the contract, while that is open: TN_ABI_DRAFT; "" if it names none
  std::string id, version, vendor;
  std::vector<std::string> kinds;       // "backend", "kernels", "arch"; others are of newer minors
  std::vector<std::string> cpu;         // features that every instruction of the plugin may use
  std::vector<std::string> sanitizers;  // "address", "thread", …; empty for "none"
  // What decides which drivers it opens: the loader's library, "/file or folder" of what that reads,
  // "$VARIABLE" of what it is told. Empty if it opens none.
  std::vector<std::string> drivers;
};

// `json` is untrusted. Unknown keys are of newer minors and ignored.
Result<Manifest> parse_manifest(std::string_view json);

// The sanitizers this host was built with that change how a plugin must be built.
std::vector<std::string> host_sanitizers();

}  // namespace tenon
