// Names of devices that stay when their indices change (tn_device_info.identity).
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>

namespace tenon::gpu {

// Where it is plugged in: "pci:0000:01:00.0".
inline std::string pci_identity(uint32_t domain, uint32_t bus, uint32_t device, uint32_t function) {
  char text[64];
  std::snprintf(text, sizeof text, "pci:%04x:%02x:%02x.%x", domain, bus, device, function);
  return text;
}

// What its driver calls it; "" of nothing but zeros.
inline std::string uuid_identity(std::span<const uint8_t, 16> uuid) {
  if (std::ranges::all_of(uuid, [](uint8_t b) { return b == 0; })) return "";
  std::string text = "uuid:";
  for (const uint8_t byte : uuid) {
    char digits[4];
    std::snprintf(digits, sizeof digits, "%02x", byte);
    text += digits;
  }
  return text;
}

// Of devices that share a name only the first keeps it.
template <class Devices>
void make_identities_unique(Devices& devices) {
  for (auto it = devices.begin(); it != devices.end(); ++it)
    if (std::any_of(devices.begin(), it, [&](const auto& d) { return d.identity == it->identity; }))
      it->identity.clear();
}

}  // namespace tenon::gpu
