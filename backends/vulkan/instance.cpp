// No layer is asked for here: users and tests add them by the loader's own environment.
#include "instance.hpp"

#include "backends/gpu/identity.hpp"
#include "status.hpp"

// Of a leak checker, where the program has one.
extern "C" {
__attribute__((weak)) void __lsan_disable();
__attribute__((weak)) void __lsan_enable();
}

namespace tenon::vulkan {
namespace {

// While it lives, what drivers keep to themselves is no leak of ours: Mesa's forget 128 bytes.
struct DriversAllocate {
  DriversAllocate() {
    if (__lsan_disable != nullptr) __lsan_disable();
  }
  ~DriversAllocate() {
    if (__lsan_enable != nullptr) __lsan_enable();
  }
  DriversAllocate(const DriversAllocate&) = delete;
  DriversAllocate& operator=(const DriversAllocate&) = delete;
};

}  // namespace

Instance::Instance(Lies& lies) : loader_(Loader::open(why_)) {
  const DriversAllocate scope;
  if (loader_ == nullptr || !start(lies)) return;
  uint32_t n = 0;
  VkResult result = api_.EnumeratePhysicalDevices(instance_, &n, nullptr);
  std::vector<VkPhysicalDevice> handles(n);
  if (result == VK_SUCCESS) result = api_.EnumeratePhysicalDevices(instance_, &n, handles.data());
  handles.resize(n);
  if (result != VK_SUCCESS && result != VK_INCOMPLETE)
    why_ = std::string("the drivers do not list their devices: ") + name_of(result);
  for (VkPhysicalDevice handle : handles) devices_.push_back(inspect(api_, handle));
  gpu::make_identities_unique(devices_);
  if (devices_.empty() && why_.empty()) why_ = "no Vulkan driver of this machine shows a device";
}

Instance::~Instance() {
  if (instance_ != VK_NULL_HANDLE) api_.DestroyInstance(instance_, nullptr);
}

bool Instance::start(Lies& lies) {
  VkApplicationInfo app{};
  app.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO;
  app.pEngineName = "tenon";
  app.apiVersion = VK_API_VERSION_1_3;
  VkInstanceCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO;
  info.pApplicationInfo = &app;
  const VkResult result = loader_->CreateInstance(&info, nullptr, &instance_);
  if (result != VK_SUCCESS) {
    why_ = std::string("no instance of Vulkan 1.3: ") + name_of(result);
    return false;
  }
  if (!api_.load(*loader_, instance_)) {
    why_ = "the Vulkan loader lacks functions of Vulkan 1.3";
    return false;
  }
  lies.tell(api_);
  return true;
}

}  // namespace tenon::vulkan
