// Loads the plugin as a host does and opens its device, with the calls that tests make often.
#pragma once

#include <dlfcn.h>
#include <tenon/abi/tenon.h>

#include <stdexcept>

#include "tests/growth/plugin_under_test.hpp"
#include "tests/unit/cpu_device/fake_host.hpp"

namespace tenon::test {

inline const tn_plugin* load_plugin() {
  void* library =
      dlopen(plugin_under_test("TENON_CPU_PLUGIN", TENON_CPU_PLUGIN), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw std::runtime_error(dlerror());
  const auto query = reinterpret_cast<tn_query_v1_fn>(dlsym(library, TN_ENTRY_SYMBOL));
  if (query == nullptr) throw std::runtime_error(dlerror());
  return query(TN_ABI_MINOR);
}

inline const tn_backend_factory* load_factory(const tn_host* host) {
  return static_cast<const tn_backend_factory*>(
      load_plugin()->get_factory(host, TN_FACTORY_BACKEND));
}

// The backend of the plugin, made and destroyed.
class OpenBackend {
 public:
  explicit OpenBackend(const tn_host* host) : factory(load_factory(host)) {
    const tn_backend_opts opts = {sizeof opts, 0};
    if (factory->create(host, &opts, &handle) != TN_OK) throw std::runtime_error("create");
  }
  ~OpenBackend() { factory->destroy(handle); }
  OpenBackend(const OpenBackend&) = delete;
  OpenBackend& operator=(const OpenBackend&) = delete;

  const tn_backend_factory* factory;
  tn_backend* handle = nullptr;
};

class OpenDevice {
 public:
  explicit OpenDevice(uint32_t n_threads = 2) {
    api = backend.factory->api;
    const tn_open_opts opts = {sizeof opts, 0, n_threads, 0};
    if (backend.factory->open(backend.handle, 0, &opts, &dev) != TN_OK)
      throw std::runtime_error("open");
    if (api->queue_open(dev, TN_QUEUE_COMPUTE, &queue) != TN_OK) throw std::runtime_error("queue");
  }
  ~OpenDevice() {
    api->queue_close(dev, queue);
    api->close(dev);
  }
  OpenDevice(const OpenDevice&) = delete;
  OpenDevice& operator=(const OpenDevice&) = delete;

  tn_buffer* buffer(uint64_t size) {
    tn_buffer* made = nullptr;
    if (api->buffer_alloc(dev, 0, size, TN_USAGE_ACTIVATIONS, &made) != TN_OK) {
      throw std::runtime_error(host.error());
    }
    return made;
  }
  template <class T>
  T* map(tn_buffer* buffer, uint64_t offset = 0) {
    void* at = nullptr;
    const auto status = api->buffer_map(dev, buffer, offset, sizeof(T), TN_MAP_WRITE, &at);
    if (status != TN_OK) throw std::runtime_error(host.error());
    return static_cast<T*>(at);
  }
  template <class Command>
  tn_status submit(const Command& command, const uint32_t* cancel = nullptr,
                   tn_status* result = nullptr) {
    const tn_cmd* commands[] = {&command.head};
    tn_submit work = {};
    work.struct_size = sizeof work;
    work.cmds = commands;
    work.n_cmds = 1;
    work.cancel = cancel;
    work.result = result;
    return api->submit(dev, queue, &work);
  }
  // Signals by a submission of a queue of its own; the status of submit.
  tn_status signal(tn_timeline* timeline, uint64_t value) {
    tn_queue* other = nullptr;
    if (api->queue_open(dev, TN_QUEUE_COMPUTE, &other) != TN_OK) throw std::runtime_error("queue");
    const tn_point point = {timeline, value};
    tn_submit work = {};
    work.struct_size = sizeof work;
    work.signals = &point;
    work.n_signals = 1;
    const tn_status status = api->submit(dev, other, &work);
    api->queue_close(dev, other);
    return status;
  }

  FakeHost host;
  OpenBackend backend{host.table()};
  const tn_device_api* api = nullptr;
  tn_device* dev = nullptr;
  tn_queue* queue = nullptr;
};

}  // namespace tenon::test
