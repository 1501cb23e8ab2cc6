// What the parts of the validation layer share:
// its handles, and a call with its checks and reports.
#pragma once

#include <tenon/abi/device.h>
#include <tenon/abi/sizes_1_0.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "framework/validation/operands.hpp"
#include "framework/validation/order.hpp"

namespace tenon::validation {

struct Layer;

enum class Kind : std::uint8_t { buffer, timeline, queue, plan, weight, kv };
std::string_view to_string(Kind kind);

// What the host sees as a tn_buffer, tn_queue, …; lives as long as the layer, freed or not.
struct Handle {
  Layer* layer;
  Kind kind;
  std::uint32_t number;  // "buffer 3" in reports
  void* inner;           // the plugin's
  std::atomic<bool> alive{true};

  std::uint64_t size = 0;                // of a buffer
  std::uint32_t heap = 0;                // likewise
  std::atomic<bool> busy{false};         // a queue inside submit
  std::atomic<std::uint64_t> seen{0};    // a timeline: the largest value the plugin answered
  std::atomic<std::uint64_t> signal{0};  // a timeline: the largest value it was told to signal
  std::atomic<std::uint32_t> plans{0};   // of a weight: live plans that read it
  std::atomic<bool> committed{false};    // a weight
  std::vector<std::uint64_t> pages{};    // of a cache, per group
  std::unordered_map<std::uint32_t, std::uint32_t> groups{};  // of a cache, by the id of the state
  // of a plan
  std::vector<Handle*> weights{};
  std::vector<std::int64_t> max_syms{};
  bool sizes_only = false;
  std::vector<BindingNeeds> bindings{};
  bool has_state = false;

  std::string name() const;
};

// What a heap asks of what lies in it.
struct Limits {
  std::uint64_t alignment = 64, max_alloc = UINT64_MAX, max_range = UINT64_MAX;
};

struct Layer {
  const tn_host* host;
  const tn_device_api* api;  // the plugin's
  tn_device* device;         // the plugin's
  std::string name;
  tn_device_api table{};  // the layer's

  std::atomic<bool> closed{false}, lost{false}, busy{false};  // busy: inside a [dev] function
  std::atomic<std::uint64_t> findings{0};
  std::mutex mutex{};  // of handles
  std::unordered_map<const void*, std::unique_ptr<Handle>> handles{};
  std::vector<Limits> heaps{};                // of the device; empty: it does not tell
  std::function<std::string()> take_error{};  // of this thread; may be empty
  Order order{};

  void read_heaps();
  Handle* add(Kind kind, void* inner);
  Handle* find(const void* pointer);  // nullptr: never was a handle of this layer
  Limits limits(std::uint32_t heap) const;
  tn_device* as_device() { return reinterpret_cast<tn_device*>(this); }
};

// One call of a function of the table: the checks report, and wrong() then says not to forward it.
class Call {
 public:
  enum class Thread : std::uint8_t { any, dev };

  Call(tn_device* device, const char* function, Thread thread = Thread::any);
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  ~Call();

  bool wrong() const { return wrong_; }
  const tn_device_api& api() const { return *layer_->api; }
  tn_device* device() const { return layer_->device; }
  Layer& layer() const { return *layer_; }
  // After the device was lost every call ends so.
  bool lost() const { return was_lost_; }

  void host_error(const std::string& text);
  void plugin_error(const std::string& text);
  void require(bool holds, const std::string& otherwise) {
    if (!holds) host_error(otherwise);
  }

  // The live handle of this device and kind, or nullptr after a report.
  Handle* live(const void* handle, Kind kind);
  // The same, and it is freed from now on.
  Handle* take(void* handle, Kind kind);
  // No other thread is in a function with the same flag until this call is over.
  void alone(std::atomic<bool>& busy, const std::string& what);
  void range(const Handle& buffer, std::uint64_t offset, std::uint64_t size,
             const std::string& what);
  // `least`: what minor 0 has of the struct.
  template <class T>
  bool sized(const T* object, std::size_t least, const std::string& type) {
    return sized(object, object != nullptr ? object->struct_size : 0, least, type);
  }
  bool sized(const void* object, std::uint32_t size, std::size_t least, const std::string& type);

  // What the plugin returned, as it is passed on.
  tn_status answer(tn_status status);
  // The same for a call that makes a handle: wraps it into *out.
  template <class T>
  tn_status answer(tn_status status, T* inner, Kind kind, T** out, Handle** made = nullptr) {
    Handle* handle = nullptr;
    const tn_status checked = answer_handle(status, inner, kind, &handle);
    if (handle != nullptr) *out = reinterpret_cast<T*>(handle);
    if (made != nullptr) *made = handle;
    return checked;
  }

 private:
  tn_status answer_handle(tn_status status, void* inner, Kind kind, Handle** made);
  void report(std::int32_t level, const std::string& text);

  Layer* layer_;
  const char* function_;
  std::string subject_;  // the handle in question
  std::vector<std::atomic<bool>*> held_;
  bool wrong_ = false, was_lost_ = false;
};

template <class T>
T* inner(const Handle* handle) {
  return handle != nullptr ? static_cast<T*>(handle->inner) : nullptr;
}

// Each part fills its functions of layer.table.
void fill_memory(Layer& layer);
void fill_timelines(Layer& layer);
void fill_queues(Layer& layer);
void fill_graphs(Layer& layer);
void fill_weights(Layer& layer);
void fill_caches(Layer& layer);

}  // namespace tenon::validation
