// The plugin: one device with memory of its own and an asynchronous queue. It is what a GPU looks
// like to the host, computed on one CPU thread: for tests of the contract, and as a form to copy.
#include "device.hpp"
#include "ops.hpp"

namespace {

using tenon::sdk::fail;
using tenon::sdk::reply;

tn_status enumerate(const tn_host*, tn_device_info* first, uint32_t, uint32_t cap,
                    uint32_t* n) noexcept {
  *n = 1;
  if (first == nullptr || cap == 0) return TN_OK;
  tn_device_info info{};
  info.name = "foreign device, memory of its own";
  info.features = "asynchronous";
  info.memory_total = info.memory_free = foreign::k_capacity;
  info.units = 1;
  reply(first, info);
  return TN_OK;
}

tn_status open(const tn_host* host, uint32_t index, const tn_open_opts*, tn_device** out) noexcept {
  if (index != 0) return fail(host, TN_ERR_NOT_FOUND, "there is one foreign device");
  return tenon::sdk::guarded([&] {
    *out = tenon::sdk::handle(new foreign::Device(host));
    return TN_OK;
  });
}

// Nothing can be mapped or imported; the host may signal timelines.
constexpr tn_backend_factory k_factory = {
    sizeof(tn_backend_factory), 0,         "foreign", &tenon::sdk::k_device_api<false, false, true>,
    foreign::declare_ops,       enumerate, open};

}  // namespace

TENON_BACKEND("tenon.example.foreign", "1.0.0", "Tenon", "", k_factory)
