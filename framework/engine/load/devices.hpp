// Devices: each opened once for all the engines of a Host, with an account of the memory that they
// planned.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <tuple>

#include "framework/device/device.hpp"
#include "framework/engine/load/speed_cache.hpp"
#include "framework/plugin/catalog.hpp"

namespace tenon {

// Bytes that a model plans to take from a device.
struct MemoryNeed {
  Device device;
  std::uint64_t bytes;
};

// What the device says is free of its memory now.
Result<std::uint64_t> free_bytes(const Device& device);

// Thread-safe. The host table and the catalog must outlive it, and it its devices.
class Devices {
 public:
  // `speeds`: where what is measured of devices is remembered; empty: nowhere.
  Devices(const HostTable& host, const Catalog& catalog, std::filesystem::path speeds = {})
      : host_(&host), catalog_(&catalog), speeds_(std::move(speeds)) {}
  Devices(const Devices&) = delete;
  Devices& operator=(const Devices&) = delete;

  const HostTable& host() const { return *host_; }
  const Catalog& catalog() const { return *catalog_; }

  SpeedCache& speeds() { return speeds_; }

  // The devices of a backend, which is made once and kept.
  Result<std::vector<DeviceInfo>> enumerate(const tn_backend_factory& factory);

  // The device that is open already, with its workers; it closes when nobody uses it any more. One
  // with another number of threads, or validated, is another one. One that was lost is opened anew.
  Result<Device> open(const DeviceInfo& info, std::uint32_t n_threads, bool validate);

  // What reserve() would grant of a device's memory now: what is free, less what was promised to
  // others and is not taken yet. All devices with host memory share one account.
  Result<std::uint64_t> available(const Device& device);

  // Memory that is promised to one model until this goes.
  class Reservation {
   public:
    Reservation() = default;
    Reservation(Reservation&& other) noexcept { *this = std::move(other); }
    Reservation& operator=(Reservation&& other) noexcept {
      std::swap(devices_, other.devices_);
      std::swap(needs_, other.needs_);
      return *this;
    }
    ~Reservation();
    const std::vector<MemoryNeed>& needs() const { return needs_; }

   private:
    friend class Devices;
    Devices* devices_ = nullptr;
    std::vector<MemoryNeed> needs_;
  };
  // All of it or nothing. Errors: ErrorCode::limit with needed and available.
  Status reserve(const std::vector<MemoryNeed>& needs, Reservation& into);

 private:
  using Key = std::tuple<std::string, std::uint32_t>;  // backend and index; "": host memory
  struct Account {
    std::uint64_t promised = 0;
    std::uint64_t at_first = 0;  // what was free when nothing was promised
  };
  static Key key(const Device& device);
  Result<std::uint64_t> available_locked(const Device& device);

  const HostTable* host_;
  const Catalog* catalog_;
  SpeedCache speeds_;
  std::mutex mutex_;
  std::map<const tn_backend_factory*, std::shared_ptr<const Backend>> backends_;
  std::map<std::tuple<const tn_backend_factory*, std::uint32_t, std::uint32_t, bool>, Device::Weak>
      opened_;
  std::map<Key, Account> accounts_;
};

}  // namespace tenon
