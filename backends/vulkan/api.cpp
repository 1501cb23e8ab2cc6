// Finds the functions by their names.
#include "api.hpp"

#include <dlfcn.h>

namespace tenon::vulkan {

std::unique_ptr<Loader> Loader::open(std::string& why) {
  void* library = dlopen("libvulkan.so.1", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    why = std::string("there is no Vulkan loader: ") + dlerror();
    return nullptr;
  }
  auto loader = std::make_unique<Loader>();
  bool all = loader->GetInstanceProcAddr.find(dlsym(library, "vkGetInstanceProcAddr"));
#define TENON_VK_LOAD(name) \
  all = all && loader->name.find(loader->GetInstanceProcAddr(nullptr, "vk" #name));
  TENON_VK_GLOBAL(TENON_VK_LOAD)
#undef TENON_VK_LOAD
  if (all) return loader;
  why = "the Vulkan loader lacks a function of Vulkan 1.1";
  return nullptr;
}

bool InstanceApi::load(const Loader& loader, VkInstance instance) {
  bool all = true;
#define TENON_VK_LOAD(name) \
  all = name.find(loader.GetInstanceProcAddr(instance, "vk" #name)) && all;
  TENON_VK_INSTANCE(TENON_VK_LOAD)
#undef TENON_VK_LOAD
  return all;
}

bool DeviceApi::load(const InstanceApi& api, VkDevice device) {
  bool all = true;
#define TENON_VK_LOAD(name) all = name.find(api.GetDeviceProcAddr(device, "vk" #name)) && all;
  TENON_VK_DEVICE(TENON_VK_LOAD)
#undef TENON_VK_LOAD
  return all;
}

}  // namespace tenon::vulkan
