// The plugin "tenon.backend.cpu": one device, this machine's processor.
#include "backends/cpu/device/cpu_device.hpp"
#include "backends/cpu/device/error.hpp"
#include "backends/cpu/device/machine.hpp"

namespace {

namespace sdk = tenon::sdk;
using tenon::cpu::CpuDevice;
using tenon::cpu::Machine;
using tenon::cpu::MemoryState;
using tenon::cpu::refuse;

// The backend of the one device; its text is read once.
class CpuBackend final : public sdk::Backend {
 public:
  explicit CpuBackend(const tn_host* host) : host_(host), machine_(tenon::cpu::read_machine()) {}

  tn_status enumerate(tn_device_info* first, uint32_t stride, uint32_t cap, uint32_t* n) override {
    sdk::reply_list(first, stride, cap, n, 1, [&](uint32_t) { return info(); });
    return TN_OK;
  }
  tn_status open(uint32_t index, const tn_open_opts* opts, tn_device** out) override {
    if (index != 0) return refuse(host_, TN_ERR_NOT_FOUND, "cpu: there is no device %u", index);
    const bool chosen = opts != nullptr && TN_HAS(opts, n_threads);
    *out = sdk::handle(new CpuDevice(host_, chosen ? opts->n_threads : 0));
    return TN_OK;
  }

 private:
  tn_device_info info() const {
    const MemoryState memory = tenon::cpu::read_memory();
    tn_device_info info = {};
    info.struct_size = sizeof info;
    info.flags = TN_DEVICE_HOST_MEMORY | TN_DEVICE_SYNC_SUBMIT;
    info.name = machine_.name.c_str();
    info.slots = TN_SLOT_CPU;
    info.memory_total = memory.total;
    info.memory_free = memory.available;
    info.units = machine_.cores;
    info.kind = TN_DEVICE_KIND_CPU;
    return info;
  }

  const tn_host* host_;
  const Machine machine_;
};

constexpr tn_backend_factory k_factory =
    sdk::backend_factory<CpuBackend>("cpu", &sdk::k_device_api<true>);

}  // namespace

TENON_BACKEND("tenon.backend.cpu", "0.1.0", "Tenon", "", k_factory)
