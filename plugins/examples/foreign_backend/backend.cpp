// The plugin: one device with memory of its own and an asynchronous queue. It is what a GPU looks
// like to the host, computed on one CPU thread: for tests of the contract, and as a form to copy.
#include "device.hpp"
#include "ops.hpp"

namespace {

using tenon::sdk::fail;

class Backend final : public tenon::sdk::Backend {
 public:
  explicit Backend(const tn_host* host) : host_(host) {}

  tn_status enumerate(tn_device_info* first, uint32_t stride, uint32_t cap, uint32_t* n) override {
    tenon::sdk::reply_list(first, stride, cap, n, 1, [](uint32_t) {
      tn_device_info info{};
      info.name = "foreign device, memory of its own";
      info.features = "asynchronous";
      info.memory_total = info.memory_free = foreign::k_capacity;
      info.units = 1;
      return info;
    });
    return TN_OK;
  }
  tn_status open(uint32_t index, const tn_open_opts*, tn_device** out) override {
    if (index != 0) return fail(host_, TN_ERR_NOT_FOUND, "there is one foreign device");
    *out = tenon::sdk::handle(new foreign::Device(host_));
    return TN_OK;
  }

 private:
  const tn_host* host_;
};

// Nothing can be mapped.
constexpr tn_backend_factory k_factory = tenon::sdk::backend_factory<Backend>(
    "foreign", &tenon::sdk::k_device_api<false>, foreign::declare_ops);

}  // namespace

TENON_BACKEND("tenon.example.foreign", "1.0.0", "Tenon", "", k_factory)
