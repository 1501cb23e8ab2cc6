// The plugin: two devices with memory of their own, asynchronous queues, small buffers, layouts and
// faults. They are what discrete GPUs look like to the host, computed on one CPU thread each: for
// tests of the contract, and as a form to copy.
#include <array>

#include "device.hpp"
#include "ops.hpp"

namespace {

using foreign::Faults;
using tenon::sdk::fail;

constexpr std::array k_devices = {"foreign device, memory of its own",
                                  "another foreign device, memory of its own"};

class Backend final : public tenon::sdk::Backend {
 public:
  explicit Backend(const tn_host* host) : host_(host), faults_(Faults::from_environment()) {}

  tn_status enumerate(tn_device_info* first, uint32_t stride, uint32_t cap, uint32_t* n) override {
    tenon::sdk::reply_list(first, stride, cap, n, k_devices.size(), [this](uint32_t i) {
      tn_device_info info{};
      info.name = k_devices[i];
      info.kind = TN_DEVICE_KIND_GPU;
      info.features = "asynchronous";
      info.memory_total = info.memory_free = faults_.capacity();
      info.units = 1;
      return info;
    });
    return TN_OK;
  }
  tn_status open(uint32_t index, const tn_open_opts*, tn_device** out) override {
    if (index >= k_devices.size())
      return fail(host_, TN_ERR_NOT_FOUND, "there are two foreign devices");
    *out = tenon::sdk::handle(new foreign::Device(host_, faults_, index == 0));
    return TN_OK;
  }

 private:
  const tn_host* host_;
  Faults faults_;
};

// Nothing can be mapped.
constexpr tn_backend_factory k_factory = tenon::sdk::backend_factory<Backend>(
    "foreign", &tenon::sdk::k_device_api<false>, foreign::declare_ops);

}  // namespace

TENON_BACKEND("tenon.example.foreign", "1.0.0", "Tenon", "", k_factory)
