// Device: one opened device of a backend plugin, and RAII handles for what it owns.
#pragma once

#include <tenon/abi/device.h>

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "framework/base/result.hpp"
#include "framework/plugin/host_table.hpp"
#include "framework/validation/validation.hpp"

namespace tenon {

// The names in a list that separates them by spaces; none of nullptr.
std::vector<std::string> split_names(const char* names);

// What the devices of one backend share; destroyed with the last of them. Any thread.
class Backend {
 public:
  static Result<std::shared_ptr<const Backend>> create(const HostTable& host,
                                                       const tn_backend_factory& factory);
  Backend(const Backend&) = delete;
  Backend& operator=(const Backend&) = delete;
  ~Backend();

  const HostTable& host() const { return host_; }
  const tn_backend_factory& factory() const { return factory_; }
  tn_backend* handle() const { return handle_; }

 private:
  Backend(const HostTable& host, const tn_backend_factory& factory, tn_backend* handle)
      : host_(host), factory_(factory), handle_(handle) {}

  const HostTable& host_;
  const tn_backend_factory& factory_;
  tn_backend* handle_;
};

// What `tenon devices` shows, and what open() needs.
struct DeviceInfo {
  std::string backend, name, features, unusable;
  std::string identity;            // "pci:0000:01:00.0"; "": it has none
  std::vector<std::string> slots;  // preferred first
  std::uint32_t index = 0, units = 0, flags = 0, kind = 0;
  bool several = false;  // its backend has more devices than this
  std::uint64_t memory_total = 0, memory_free = 0;
  std::shared_ptr<const Backend> origin;

  // "acme", or "acme/1" where its backend has several.
  std::string label() const;
  bool has_slot(std::string_view slot) const;
  // Whether it runs ops without a kernel of a slot.
  bool has_ops() const { return slots.empty() || origin->factory().ops != nullptr; }
  bool has_feature(std::string_view name) const;
};
Result<std::vector<DeviceInfo>> enumerate_devices(const std::shared_ptr<const Backend>& backend);
// Of a backend that is made for this.
Result<std::vector<DeviceInfo>> enumerate_devices(const HostTable& host,
                                                  const tn_backend_factory& factory);

// What the preferred heap of a device asks of the host.
struct DeviceLimits {
  std::uint64_t alignment = 64;          // of operands and bindings, in bytes
  std::uint64_t max_alloc = UINT64_MAX;  // bytes of one buffer
  std::uint64_t max_range = UINT64_MAX;  // bytes of one operand
};

// Cheap to copy; the last copy closes the device. Thread rules are those of tn_device_api.
class Device {
 public:
  // `validate`: with the validation layer between host and plugin.
  static Result<Device> open(const DeviceInfo& info, std::uint32_t n_threads,
                             bool validate = false);

  const DeviceInfo& info() const { return state_->info; }
  const tn_device_api& api() const { return *state_->api; }
  tn_device* handle() const { return state_->handle; }
  const HostTable& host() const { return info().origin->host(); }
  const tn_backend_factory& factory() const { return info().origin->factory(); }
  bool host_memory() const { return (info().flags & TN_DEVICE_HOST_MEMORY) != 0; }
  const DeviceLimits& limits() const { return state_->limits; }

  // Whether some call has ended with TN_ERR_DEVICE_LOST: only freeing works, until it is opened anew.
  bool lost() const { return state_->lost; }

  // To be held around what the contract marks [dev]: several engines may share the device.
  std::unique_lock<std::recursive_mutex> exclusive() const {
    return std::unique_lock(state_->exclusive);
  }

  // A copy that does not keep the device open.
  class Weak;
  Weak weak() const;

  // "cpu: compile failed: <the plugin's text>"; notes a loss.
  Error error(tn_status status, std::string_view what) const;
  Status check(tn_status status, std::string_view what) const;

 private:
  struct State {
    const tn_device_api* api;
    DeviceInfo info;  // keeps the backend
    tn_device* handle;
    std::optional<Validation> validation;
    DeviceLimits limits;
    mutable std::atomic<bool> lost{false};
    mutable std::recursive_mutex exclusive;  // freeing may be a part of something exclusive
    ~State();
  };
  std::shared_ptr<const State> state_;
};

class Device::Weak {
 public:
  // Nothing when the device was closed.
  std::optional<Device> lock() const {
    Device device;
    device.state_ = state_.lock();
    if (device.state_ == nullptr) return std::nullopt;
    return device;
  }

 private:
  friend class Device;
  std::weak_ptr<const State> state_;
};
inline Device::Weak Device::weak() const {
  Weak weak;
  weak.state_ = state_;
  return weak;
}

// A handle that is freed through its device's table.
template <class T, auto Free>
class Owned {
 public:
  Owned() = default;
  Owned(Device device, T* handle)
      : device_(std::make_unique<Device>(std::move(device))), handle_(handle) {}
  Owned(Owned&& other) noexcept
      : device_(std::move(other.device_)), handle_(std::exchange(other.handle_, nullptr)) {}
  Owned& operator=(Owned&& other) noexcept {
    std::swap(device_, other.device_);
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Owned() {
    if (handle_ == nullptr) return;
    const auto exclusive = device_->exclusive();
    (device_->api().*Free)(device_->handle(), handle_);
  }
  T* get() const { return handle_; }
  explicit operator bool() const { return handle_ != nullptr; }

 private:
  std::unique_ptr<Device> device_;
  T* handle_ = nullptr;
};
using OwnedBuffer = Owned<tn_buffer, &tn_device_api::buffer_free>;
using OwnedTimeline = Owned<tn_timeline, &tn_device_api::timeline_destroy>;
using OwnedQueue = Owned<tn_queue, &tn_device_api::queue_close>;
using OwnedPlan = Owned<tn_plan, &tn_device_api::plan_free>;
using OwnedWeight = Owned<tn_weight, &tn_device_api::weight_free>;
using OwnedKv = Owned<tn_kv, &tn_device_api::kv_free>;

// Memory of a device, and for host memory where it is.
struct DeviceBuffer {
  OwnedBuffer handle;
  std::uint64_t size = 0;
  std::byte* mapped = nullptr;  // nullptr: not host memory
};
Result<DeviceBuffer> allocate(const Device& device, std::uint64_t size, std::uint32_t usage);

// A queue with its timeline: submissions in order. After a failure it goes on with a new queue and
// timeline. One thread at a time; allocates nothing after open().
class DeviceQueue {
 public:
  static Result<DeviceQueue> open(const Device& device);

  // Submits and returns; waits first when k_depth submissions are under way. `cancel` may be
  // nullptr. The commands' host memory must stay until wait() returns.
  Status submit(std::span<const tn_cmd* const> cmds, const std::uint32_t* cancel);
  // Blocks until nothing that was submitted runs any more, and tells the first failure since the
  // last wait; a cancelled submission is ErrorCode::cancelled.
  Status wait();
  bool pending() const { return n_pending_ != 0; }

 private:
  static constexpr std::size_t k_depth = 16;
  using Results = std::array<tn_status, k_depth>;

  Status renew();
  Device* device() const { return device_.get(); }
  std::unique_ptr<Device> device_;
  std::unique_ptr<Results> results_;  // written by work in flight: outlives the queue
  OwnedTimeline timeline_;
  OwnedQueue queue_;  // closed first
  std::uint64_t value_ = 0;
  std::size_t n_pending_ = 0;
};

}  // namespace tenon
