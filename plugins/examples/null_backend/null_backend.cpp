// The smallest backend: it loads, shows one device, opens it, and runs nothing. Copy it, then
// override what your device can do: memory, timelines and a queue, supports() and compile(),
// weights, and the KV cache if it has attention.
#include <tenon/sdk/device.hpp>

namespace {

using namespace tenon::sdk;

class NullDevice final : public Device {};

class NullBackend final : public Backend {
 public:
  explicit NullBackend(const tn_host* host) : host_(host) {}

  tn_status enumerate(tn_device_info* first, uint32_t stride, uint32_t cap, uint32_t* n) override {
    reply_list(first, stride, cap, n, 1, [](uint32_t) {
      tn_device_info info{};
      info.name = "null";
      return info;
    });
    return TN_OK;
  }
  tn_status open(uint32_t index, const tn_open_opts*, tn_device** out) override {
    if (index != 0) return fail(host_, TN_ERR_NOT_FOUND, "there is one null device");
    *out = handle(new NullDevice);
    return TN_OK;
  }

 private:
  const tn_host* host_;
};

// Nothing can be mapped, and without a table of ops it supports none.
constexpr tn_backend_factory k_factory = backend_factory<NullBackend>("null", &k_device_api<false>);

}  // namespace

TENON_BACKEND("tenon.example.null", "1.0.0", "Tenon", "", k_factory)
