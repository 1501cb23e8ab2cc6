// The plugin "tenon.backend.cpu": one device, this machine's processor.
#include <algorithm>
#include <cstring>

#include "backends/cpu/device/cpu_device.hpp"
#include "backends/cpu/device/error.hpp"
#include "backends/cpu/device/machine.hpp"

namespace {

using tenon::cpu::CpuDevice;
using tenon::cpu::Machine;
using tenon::cpu::MemoryState;
using tenon::cpu::refuse;

// What enumerate hands out lives as long as the plugin: read once, and trivially destructible.
struct DeviceText {
  char name[256], features[512];
  unsigned cores;

  DeviceText() {
    const Machine machine = tenon::cpu::read_machine();
    copy(machine.name, name);
    copy(machine.features, features);
    cores = machine.cores;
  }

 private:
  template <size_t N>
  static void copy(const std::string& text, char (&out)[N]) {
    const size_t n = text.copy(out, N - 1);
    out[n] = '\0';
  }
};

tn_status list_devices(tn_device_info* first, uint32_t cap, uint32_t* n) {
  if (n == nullptr) return TN_ERR_INVALID;
  *n = 1;
  if (first == nullptr || cap == 0) return TN_OK;
  static const DeviceText text;
  const MemoryState memory = tenon::cpu::read_memory();
  tn_device_info info = {};
  info.struct_size = first->struct_size;
  info.flags = TN_DEVICE_HOST_MEMORY | TN_DEVICE_SYNC_SUBMIT;
  info.name = text.name;
  info.slot = TN_SLOT_CPU;
  info.features = text.features;
  info.memory_total = memory.total;
  info.memory_free = memory.available;
  info.units = text.cores;
  std::memcpy(first, &info, std::min<size_t>(first->struct_size, sizeof info));
  return TN_OK;
}

tn_status enumerate(const tn_host*, tn_device_info* first, uint32_t, uint32_t cap,
                    uint32_t* n) noexcept {
  return tenon::sdk::guarded([&] { return list_devices(first, cap, n); });
}

tn_status open(const tn_host* host, uint32_t index, const tn_open_opts* opts,
               tn_device** out) noexcept {
  return tenon::sdk::guarded([&]() -> tn_status {
    if (host == nullptr || out == nullptr) return TN_ERR_INVALID;
    if (index != 0) return refuse(host, TN_ERR_NOT_FOUND, "cpu: there is no device %u", index);
    const bool chosen = opts != nullptr && TN_HAS(opts, n_threads);
    *out = tenon::sdk::handle(new CpuDevice(host, chosen ? opts->n_threads : 0));
    return TN_OK;
  });
}

constexpr tn_backend_factory k_factory = {sizeof(tn_backend_factory),
                                          0,
                                          "cpu",
                                          &tenon::sdk::k_device_api<true, true, true>,
                                          nullptr,
                                          enumerate,
                                          open};

}  // namespace

TENON_BACKEND("tenon.backend.cpu", "0.1.0", "Tenon", "", k_factory)
