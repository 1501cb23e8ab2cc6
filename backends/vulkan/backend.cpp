// The plugin: devices of every Vulkan 1.3 driver of the machine. It links no Vulkan; where there is
// none, or a broken one, the list of devices says why.
#include <mutex>
#include <optional>
#include <set>

#include "device.hpp"
#include "self_test.hpp"

namespace {

using namespace tenon::vulkan;

class Backend final : public tenon::sdk::Backend {
 public:
  explicit Backend(const tn_host* host) : host_(host) {}

  tn_status enumerate(tn_device_info* first, uint32_t stride, uint32_t cap, uint32_t* n) override {
    start();
    if (instance_->devices().empty())
      tenon::sdk::reply_list(first, stride, cap, n, 1, [this](uint32_t) { return none(); });
    else
      tenon::sdk::reply_list(first, stride, cap, n, size(), [this](uint32_t i) { return info(i); });
    return TN_OK;
  }
  tn_status open(uint32_t index, const tn_open_opts*, tn_device** out) override {
    start();
    if (index >= size())
      return tenon::sdk::fail(host_, TN_ERR_NOT_FOUND,
                              size() == 0 ? instance_->why().c_str() : "no such Vulkan device");
    const Physical& physical = instance_->devices()[index];
    if (!physical.unusable.empty())
      return tenon::sdk::fail(host_, TN_ERR_UNSUPPORTED, physical.unusable.c_str());
    return Device::open(host_, *instance_, physical, requests_, out);
  }

 private:
  // An instance costs tens of milliseconds: nobody pays who asks for no device.
  void start() {
    const std::lock_guard lock(mutex_);
    if (!instance_) instance_.emplace(requests_.lies);
  }

  uint32_t size() const { return static_cast<uint32_t>(instance_->devices().size()); }

  // Stands for the devices that cannot be listed.
  tn_device_info none() const {
    tn_device_info out{};
    out.name = "Vulkan";
    out.features = "";
    out.unusable = instance_->why().c_str();
    return out;
  }

  // The name, and the kernels that failed the self-test, once there was one.
  const char* name_of(const Physical& p) {
    std::string name = p.name;
    const auto dropped = p.unusable.empty() ? known_test(p, requests_.lies) : std::nullopt;
    for (const tenon::gpu::Dropped& d : dropped.value_or(std::vector<tenon::gpu::Dropped>()))
      name += "; without " + d.kernel + " (" + d.why + ")";
    const std::lock_guard lock(mutex_);
    return names_.insert(std::move(name)).first->c_str();
  }

  tn_device_info info(uint32_t i) {
    const Physical& p = instance_->devices()[i];
    tn_device_info out{};
    out.name = name_of(p);
    out.slots = TN_SLOT_VULKAN;
    out.features = p.features.c_str();
    out.identity = p.identity.empty() ? nullptr : p.identity.c_str();
    out.unusable = p.unusable.empty() ? nullptr : p.unusable.c_str();
    out.kind = p.kind;
    if (p.memory.memoryHeapCount == 0) return out;
    out.memory_total = p.heap_size(p.device_heap());
    out.memory_free = heap_free(instance_->api(), p, p.device_heap(), 0);
    return out;
  }

  const tn_host* host_;
  Requests requests_;
  std::mutex mutex_;
  std::optional<Instance> instance_;
  std::set<std::string> names_;  // that the host was given
};

constexpr tn_backend_factory k_factory = tenon::sdk::backend_factory<Backend>(
    "vulkan", &tenon::sdk::k_device_api<true>, tenon::gpu::declare_ops);

}  // namespace

TENON_BACKEND("tenon.vulkan", "0.1.0", "Tenon", "", k_factory)
