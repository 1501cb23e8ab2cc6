// A backend without devices whose author asks for a host of minor 1 at least; built against headers
// that have one.
#define TN_ABI_MINOR_MIN 1
#include <grown_sizes.h>

#include <tenon/sdk/device.hpp>

namespace {

using namespace tenon::sdk;

struct NoDevices : Backend {
  explicit NoDevices(const tn_host*) {}
  tn_status enumerate(tn_device_info*, uint32_t, uint32_t, uint32_t* n) override {
    return *n = 0, TN_OK;
  }
  tn_status open(uint32_t, const tn_open_opts*, tn_device**) override { return TN_ERR_NOT_FOUND; }
};

constexpr tn_backend_factory k_factory =
    backend_factory<NoDevices>("no-devices", &k_device_api<false>);

}  // namespace

TENON_BACKEND("test.needs-minor-1", "1.0.0", "Tenon tests", "", k_factory)
