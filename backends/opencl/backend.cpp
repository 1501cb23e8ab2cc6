// The plugin: devices of every OpenCL driver of the machine. It links no OpenCL; where there is none,
// or none of use, the list of devices says why.
// TENON_OPENCL_AS_GPU=1, for tests: devices of the CPU are driven as others are.
#include <cstdlib>

#include "device.hpp"

namespace {

using namespace tenon::opencl;

class Backend final : public tenon::sdk::Backend {
 public:
  explicit Backend(const tn_host* host)
      : host_(host), faults_("TENON_OPENCL"), platforms_(pretence()) {}

  tn_status enumerate(tn_device_info* first, uint32_t stride, uint32_t cap, uint32_t* n) override {
    if (size() == 0)
      tenon::sdk::reply_list(first, stride, cap, n, 1, [this](uint32_t) { return none(); });
    else
      tenon::sdk::reply_list(first, stride, cap, n, size(), [this](uint32_t i) { return info(i); });
    return TN_OK;
  }
  tn_status open(uint32_t index, const tn_open_opts*, tn_device** out) override {
    if (index >= size())
      return tenon::sdk::fail(host_, TN_ERR_NOT_FOUND,
                              size() == 0 ? platforms_.why().c_str() : "no such OpenCL device");
    const Physical& physical = platforms_.devices()[index];
    if (!physical.unusable.empty())
      return tenon::sdk::fail(host_, TN_ERR_UNSUPPORTED, physical.unusable.c_str());
    return Device::open(host_, platforms_.api(), physical, faults_, out);
  }

 private:
  Pretence pretence() const {
    return {faults_.max_range(), std::getenv("TENON_OPENCL_AS_GPU") != nullptr};
  }
  uint32_t size() const { return static_cast<uint32_t>(platforms_.devices().size()); }

  // Stands for the devices that cannot be listed.
  tn_device_info none() const {
    tn_device_info out{};
    out.name = "OpenCL";
    out.features = "";
    out.unusable = platforms_.why().c_str();
    return out;
  }

  // Some drivers do the work while it is submitted.
  tn_device_info info(uint32_t i) const {
    const Physical& p = platforms_.devices()[i];
    tn_device_info out{};
    out.flags = TN_DEVICE_SYNC_SUBMIT;
    out.name = p.name.c_str();
    out.slots = TN_SLOT_OPENCL;
    out.features = p.features.c_str();
    out.identity = p.identity.empty() ? nullptr : p.identity.c_str();
    out.unusable = p.unusable.empty() ? nullptr : p.unusable.c_str();
    out.kind = p.kind;
    out.units = p.units;
    out.memory_total = out.memory_free = p.memory;
    return out;
  }

  const tn_host* host_;
  tenon::gpu::Faults faults_;
  Platforms platforms_;
};

constexpr tn_backend_factory k_factory = tenon::sdk::backend_factory<Backend>(
    "opencl", &tenon::sdk::k_device_api<false>, tenon::gpu::declare_ops);

}  // namespace

TENON_BACKEND("tenon.opencl", "0.1.0", "Tenon", "", k_factory)
