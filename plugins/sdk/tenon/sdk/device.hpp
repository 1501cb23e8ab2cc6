// Backends in C++: derive from Device, override what the device can do; one constant table of
// noexcept thunks serves every backend.
// Each virtual function is documented at its slot in tenon/abi/device.h.
#pragma once

#include <tenon/sdk/plugin.hpp>

#pragma GCC visibility push(hidden)
namespace tenon {
namespace sdk {
inline namespace v1_0 {

// Whether the host has raised a flag that it gave (tn_submit.cancel, tn_weight_desc.cancel, …);
// NULL is never raised.
inline bool raised(const uint32_t* flag) {
  return flag != nullptr && __atomic_load_n(flag, __ATOMIC_RELAXED) != 0;
}

// What a backend does not override answers TN_ERR_UNSUPPORTED, and supports() says no.
class Device {
 public:
  virtual ~Device() = default;

  virtual tn_status heaps(tn_heap*, uint32_t, uint32_t, uint32_t* n) { return *n = 0, TN_OK; }
  virtual const void* extension(const char*) { return nullptr; }

  virtual tn_status buffer_alloc(uint32_t /*heap*/, uint64_t /*size*/, uint32_t /*usage*/,
                                 tn_buffer**) {
    return TN_ERR_UNSUPPORTED;
  }
  virtual void buffer_free(tn_buffer*) {}
  virtual tn_status buffer_map(tn_buffer*, uint64_t, uint64_t, uint32_t, void**) {
    return TN_ERR_UNSUPPORTED;
  }
  virtual tn_status buffer_unmap(tn_buffer*) { return TN_ERR_UNSUPPORTED; }

  virtual tn_status timeline_create(uint64_t /*initial*/, tn_timeline**) {
    return TN_ERR_UNSUPPORTED;
  }
  virtual void timeline_destroy(tn_timeline*) {}
  virtual tn_status timeline_query(tn_timeline*, uint64_t*) { return TN_ERR_UNSUPPORTED; }
  virtual tn_status timeline_wait(tn_timeline*, uint64_t /*value*/, uint64_t /*timeout_ns*/) {
    return TN_ERR_UNSUPPORTED;
  }

  virtual tn_status queue_open(uint32_t /*kind*/, tn_queue**) { return TN_ERR_UNSUPPORTED; }
  virtual void queue_close(tn_queue*) {}
  virtual tn_status submit(tn_queue*, const tn_submit*) { return TN_ERR_UNSUPPORTED; }

  virtual tn_status supports(const tn_node_query*, tn_support*) { return TN_ERR_UNSUPPORTED; }
  virtual tn_status compile(const tn_subgraph*, const tn_compile_opts*, tn_plan**) {
    return TN_ERR_UNSUPPORTED;
  }
  virtual tn_status plan_info(const tn_plan*, tn_plan_info*) { return TN_ERR_UNSUPPORTED; }
  virtual void plan_free(tn_plan*) {}

  virtual tn_status weight_put(const tn_weight_desc*, tn_weight**) { return TN_ERR_UNSUPPORTED; }
  virtual tn_status weights_commit(tn_weight_report*) { return TN_OK; }
  virtual void weight_free(tn_weight*) {}

  virtual tn_status kv_create(const tn_kv_desc*, tn_kv**) { return TN_ERR_UNSUPPORTED; }
  virtual void kv_free(tn_kv*) {}
  virtual tn_status kv_size(const tn_kv_desc*, uint64_t* /*bytes*/) { return TN_ERR_UNSUPPORTED; }
};

// What the devices of a backend share, and their list; documented at tn_backend_factory.
class Backend {
 public:
  virtual ~Backend() = default;
  virtual tn_status enumerate(tn_device_info* first, uint32_t stride, uint32_t cap,
                              uint32_t* n) = 0;
  virtual tn_status open(uint32_t index, const tn_open_opts* opts, tn_device** out) = 0;
};

// TN_NODE and TN_TENSOR for code that is compiled without C casts.
inline const tn_node& node_at(const tn_subgraph& graph, uint32_t i) {
  return at(graph.nodes, graph.node_stride, i);
}
inline const tn_tensor& tensor_at(const tn_subgraph& graph, uint32_t i) {
  return at(graph.tensors, graph.tensor_stride, i);
}

inline tn_device* handle(Device* device) { return reinterpret_cast<tn_device*>(device); }
inline Device* device(tn_device* handle) { return reinterpret_cast<Device*>(handle); }

namespace detail {

// One thunk per virtual function that returns a status.
template <auto Member>
struct DeviceThunk;
template <class... A, tn_status (Device::*Member)(A...)>
struct DeviceThunk<Member> {
  static tn_status call(tn_device* d, A... args) noexcept {
    return guarded([&] { return (device(d)->*Member)(args...); });
  }
};
template <class... A, void (Device::*Member)(A...)>
struct DeviceThunk<Member> {
  static void call(tn_device* d, A... args) noexcept {
    guarded([&] { return (device(d)->*Member)(args...), TN_OK; });
  }
};

template <auto Member>
inline constexpr auto k_thunk = &DeviceThunk<Member>::call;

inline void close(tn_device* d) noexcept {
  guarded([&] { return delete device(d), TN_OK; });
}
inline const void* extension(tn_device* d, const char* id) noexcept {
  const void* found = nullptr;
  guarded([&] { return found = device(d)->extension(id), TN_OK; });
  return found;
}

inline Backend* backend(tn_backend* handle) { return reinterpret_cast<Backend*>(handle); }

// B is made from the host.
template <class B>
struct BackendThunks {
  static tn_status create(const tn_host* host, const tn_backend_opts* opts,
                          tn_backend** out) noexcept {
    if (host == nullptr || out == nullptr) return TN_ERR_INVALID;
    if (opts != nullptr && must_decline(opts->flags))
      return fail(host, TN_ERR_UNSUPPORTED, "create: unknown flags");
    return guarded([&] {
      Backend* made = new B(host);
      return *out = reinterpret_cast<tn_backend*>(made), TN_OK;
    });
  }
  static void destroy(tn_backend* b) noexcept {
    guarded([&] { return delete backend(b), TN_OK; });
  }
  static tn_status enumerate(tn_backend* b, tn_device_info* first, uint32_t stride, uint32_t cap,
                             uint32_t* n) noexcept {
    if (n == nullptr || (cap != 0 && first == nullptr)) return TN_ERR_INVALID;
    return guarded([&] { return backend(b)->enumerate(first, stride, cap, n); });
  }
  static tn_status open(tn_backend* b, uint32_t index, const tn_open_opts* opts,
                        tn_device** out) noexcept {
    if (out == nullptr) return TN_ERR_INVALID;
    if (opts != nullptr && must_decline(opts->flags)) return TN_ERR_UNSUPPORTED;
    return guarded([&] { return backend(b)->open(index, opts, out); });
  }
};

}  // namespace detail

// `mappable`: whether buffers can be mapped (NULL otherwise).
template <bool mappable>
inline constexpr tn_device_api k_device_api = {
    sizeof(tn_device_api),
    0,
    detail::close,
    detail::k_thunk<&Device::heaps>,
    detail::extension,
    detail::k_thunk<&Device::buffer_alloc>,
    detail::k_thunk<&Device::buffer_free>,
    mappable ? detail::k_thunk<&Device::buffer_map> : nullptr,
    mappable ? detail::k_thunk<&Device::buffer_unmap> : nullptr,
    detail::k_thunk<&Device::timeline_create>,
    detail::k_thunk<&Device::timeline_destroy>,
    detail::k_thunk<&Device::timeline_query>,
    detail::k_thunk<&Device::timeline_wait>,
    detail::k_thunk<&Device::queue_open>,
    detail::k_thunk<&Device::queue_close>,
    detail::k_thunk<&Device::submit>,
    detail::k_thunk<&Device::supports>,
    detail::k_thunk<&Device::compile>,
    detail::k_thunk<&Device::plan_info>,
    detail::k_thunk<&Device::plan_free>,
    detail::k_thunk<&Device::weight_put>,
    detail::k_thunk<&Device::weights_commit>,
    detail::k_thunk<&Device::weight_free>,
    detail::k_thunk<&Device::kv_create>,
    detail::k_thunk<&Device::kv_free>,
    detail::k_thunk<&Device::kv_size>,
};

// The factory of backend B, whose devices answer through `api`; ops: as in tn_backend_factory.
template <class B>
constexpr tn_backend_factory backend_factory(const char* id, const tn_device_api* api,
                                             uint32_t (*ops)(const tn_op_decl* const**) = nullptr) {
  using Thunks = detail::BackendThunks<B>;
  return {sizeof(tn_backend_factory), 0,           id, api, ops, Thunks::create, Thunks::destroy,
          Thunks::enumerate,          Thunks::open};
}

}  // namespace v1_0
}  // namespace sdk
}  // namespace tenon
#pragma GCC visibility pop

// factory: a namespace-scope constexpr tn_backend_factory.
#define TENON_BACKEND(id, version, vendor, cpu, factory) \
  TENON_PLUGIN(id, version, vendor, "backend", cpu, factory, ::tenon::sdk::k_backend_factory)
