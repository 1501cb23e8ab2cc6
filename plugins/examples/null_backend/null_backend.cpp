// The smallest backend: it loads, shows one device, opens it, and runs nothing. Copy it, then
// override what your device can do: memory, timelines and a queue, supports() and compile(),
// weights, and the KV cache if it has attention.
#include <tenon/sdk/device.hpp>

namespace {

using namespace tenon::sdk;

class NullDevice final : public Device {};

tn_status enumerate(const tn_host*, tn_device_info* first, uint32_t, uint32_t cap,
                    uint32_t* n) noexcept {
  *n = 1;
  if (first == nullptr || cap == 0) return TN_OK;
  tn_device_info info{};
  info.name = "null";
  reply(first, info);
  return TN_OK;
}

tn_status open(const tn_host* host, uint32_t index, const tn_open_opts*, tn_device** out) noexcept {
  if (index != 0) return fail(host, TN_ERR_NOT_FOUND, "there is one null device");
  return guarded([&] {
    *out = handle(new NullDevice);
    return TN_OK;
  });
}

constexpr tn_backend_factory k_factory = {sizeof(tn_backend_factory),
                                          0,
                                          "null",
                                          &k_device_api<false, false, false>,
                                          nullptr,  // no table of ops: it supports none
                                          enumerate,
                                          open};

}  // namespace

TENON_BACKEND("tenon.example.null", "1.0.0", "Tenon", "", k_factory)
