// Finds the functions by their names.
#include "api.hpp"

#include <dlfcn.h>

namespace tenon::vulkan {
namespace {

template <class Pointer, class Untyped>
bool assign(Pointer& pointer, Untyped found) {
  pointer = reinterpret_cast<Pointer>(found);
  return pointer != nullptr;
}

}  // namespace

std::unique_ptr<Loader> Loader::open(std::string& why) {
  void* library = dlopen("libvulkan.so.1", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    why = std::string("there is no Vulkan loader: ") + dlerror();
    return nullptr;
  }
  auto loader = std::make_unique<Loader>();
  bool all = assign(loader->GetInstanceProcAddr, dlsym(library, "vkGetInstanceProcAddr"));
#define TENON_VK_LOAD(name) \
  all = all && assign(loader->name, loader->GetInstanceProcAddr(nullptr, "vk" #name));
  TENON_VK_GLOBAL(TENON_VK_LOAD)
#undef TENON_VK_LOAD
  if (all) return loader;
  why = "the Vulkan loader lacks a function of Vulkan 1.1";
  return nullptr;
}

bool InstanceApi::load(const Loader& loader, VkInstance instance) {
  bool all = true;
#define TENON_VK_LOAD(name) \
  all = assign(name, loader.GetInstanceProcAddr(instance, "vk" #name)) && all;
  TENON_VK_INSTANCE(TENON_VK_LOAD)
#undef TENON_VK_LOAD
  return all;
}

bool DeviceApi::load(const InstanceApi& api, VkDevice device) {
  bool all = true;
#define TENON_VK_LOAD(name) all = assign(name, api.GetDeviceProcAddr(device, "vk" #name)) && all;
  TENON_VK_DEVICE(TENON_VK_LOAD)
#undef TENON_VK_LOAD
  return all;
}

}  // namespace tenon::vulkan
