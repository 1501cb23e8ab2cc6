// Finds the functions by their names.
#include "api.hpp"

#include <dlfcn.h>

namespace tenon::opencl {
namespace {

template <class Pointer>
bool assign(Pointer& pointer, void* found) {
  pointer = reinterpret_cast<Pointer>(found);
  return pointer != nullptr;
}

}  // namespace

std::unique_ptr<Api> Api::open(std::string& why) {
  void* library = dlopen("libOpenCL.so.1", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    why = std::string("there is no OpenCL loader: ") + dlerror();
    return nullptr;
  }
  auto api = std::make_unique<Api>();
  bool all = true;
#define TENON_CL_LOAD(name) all = assign(api->name, dlsym(library, "cl" #name)) && all;
  TENON_CL_FUNCTIONS(TENON_CL_LOAD)
#undef TENON_CL_LOAD
  if (all) return api;
  why = "the OpenCL loader lacks a function of OpenCL 1.2";
  return nullptr;
}

}  // namespace tenon::opencl
