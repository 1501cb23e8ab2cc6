// Sharing opened devices, and counting what is promised of their memory.
#include "framework/engine/load/devices.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tenon {
Result<std::uint64_t> free_bytes(const Device& device) {
  tn_heap heap{};
  heap.struct_size = sizeof(heap);
  std::uint32_t n = 0;
  device.host().take_error();
  const tn_status status = device.api().get_heaps(device.handle(), &heap, sizeof(heap), 1, &n);
  if (status != TN_OK) return tl::unexpected(device.error(status, "no heaps"));
  return heap.budget;
}

Result<std::vector<DeviceInfo>> Devices::enumerate(const tn_backend_factory& factory) {
  const std::scoped_lock lock(mutex_);
  std::shared_ptr<const Backend>& known = backends_[&factory];
  if (known == nullptr) {
    auto made = Backend::create(*host_, factory);
    if (!made) return fail(made);
    known = std::move(*made);
  }
  return enumerate_devices(known);
}

Result<Device> Devices::open(const DeviceInfo& info, std::uint32_t n_threads, bool validate) {
  const std::scoped_lock lock(mutex_);
  Device::Weak& known = opened_[{&info.origin->factory(), info.index, n_threads, validate}];
  if (auto device = known.lock(); device && !device->lost()) return std::move(*device);
  auto device = Device::open(info, n_threads, validate);
  if (device) known = device->weak();
  return device;
}

Devices::Key Devices::key(const Device& device) {
  if (device.host_memory()) return {};
  return {device.info().backend, device.info().index};
}

Result<std::uint64_t> Devices::available_locked(const Device& device) {
  const auto now = free_bytes(device);
  if (!now) return now;
  Account& account = accounts_[key(device)];
  if (account.promised == 0) account.at_first = *now;
  return std::min(*now, account.at_first - std::min(account.at_first, account.promised));
}

Result<std::uint64_t> Devices::available(const Device& device) {
  const std::scoped_lock lock(mutex_);
  return available_locked(device);
}

Status Devices::reserve(const std::vector<MemoryNeed>& needs, Reservation& into) {
  const std::scoped_lock lock(mutex_);
  std::map<Key, std::uint64_t> wanted;
  for (const MemoryNeed& need : needs) wanted[key(need.device)] += need.bytes;
  for (const MemoryNeed& need : needs) {
    const auto available = available_locked(need.device);
    if (!available) return fail(available);
    if (const std::uint64_t all = wanted[key(need.device)]; all > *available)
      return fail(ErrorCode::limit,
                  fmt::format("not enough memory on {}: needed {} MiB, "
                              "available {} MiB",
                              need.device.info().label(), (all >> 20) + 1, *available >> 20));
  }
  for (const MemoryNeed& need : needs) accounts_[key(need.device)].promised += need.bytes;
  into.devices_ = this;
  for (const MemoryNeed& need : needs) {
    const auto known = std::find_if(into.needs_.begin(), into.needs_.end(), [&](const auto& n) {
      return n.device.handle() == need.device.handle();
    });
    if (known == into.needs_.end())
      into.needs_.push_back(need);
    else
      known->bytes += need.bytes;
  }
  return {};
}

Devices::Reservation::~Reservation() {
  if (devices_ == nullptr) return;
  const std::scoped_lock lock(devices_->mutex_);
  for (const MemoryNeed& need : needs_)
    devices_->accounts_[key(need.device)].promised -= need.bytes;
}

}  // namespace tenon
