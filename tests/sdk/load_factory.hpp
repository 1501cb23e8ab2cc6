// A factory of a plugin, through dlopen and the one exported symbol. The file stays loaded.
#pragma once

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <tenon/abi/tenon.h>

#include "tests/growth/plugin_under_test.hpp"

namespace tenon::conformance {

template <class Factory>
const Factory* load_factory(const char* path, const char* id, const tn_host* host) {
  path = plugin_under_test("TENON_TEST_PLUGIN", path);
  void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    ADD_FAILURE() << dlerror();
    return nullptr;
  }
  const auto query = reinterpret_cast<tn_query_v1_fn>(dlsym(library, TN_ENTRY_SYMBOL));
  const tn_plugin* plugin = query != nullptr ? query(TN_ABI_MINOR) : nullptr;
  if (plugin == nullptr || plugin->init(host) != TN_OK) {
    ADD_FAILURE() << path << " does not start";
    return nullptr;
  }
  return static_cast<const Factory*>(plugin->get_factory(host, id));
}

}  // namespace tenon::conformance
