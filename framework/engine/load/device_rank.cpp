// Ranking by kind, then by measurement.
#include "framework/engine/load/device_rank.hpp"

#include <algorithm>

namespace tenon {
namespace {

enum Rank : std::uint8_t { emulated, unknown, processor, gpu };

Rank rank_of(const DeviceInfo& device) {
  if (device.kind == TN_DEVICE_KIND_GPU) return gpu;
  if (device.kind == 0 || device.kind > TN_DEVICE_KIND_GPU) return unknown;
  return (device.flags & TN_DEVICE_HOST_MEMORY) != 0 ? processor : emulated;
}

// How much faster counts: less is noise, and would make the choice a lottery.
constexpr double k_clearly = 1.25;

}  // namespace

bool is_processor(const DeviceInfo& device) { return rank_of(device) == processor; }

void rank_devices(std::vector<DeviceInfo>& devices) {
  std::stable_sort(devices.begin(), devices.end(), [](const DeviceInfo& a, const DeviceInfo& b) {
    return rank_of(a) > rank_of(b);
  });
}

void prefer_faster(std::vector<DeviceInfo>& ranked, const SpeedFn& speed_of) {
  const auto usable = [](const DeviceInfo& d) { return d.unusable.empty(); };
  const auto first = std::find_if(ranked.begin(), ranked.end(), usable);
  if (first == ranked.end()) return;
  const auto end = std::find_if(first, ranked.end(),
                                [&](const DeviceInfo& d) { return rank_of(d) != rank_of(*first); });
  if (std::count_if(first, end, usable) < 2) return;
  auto best = first;
  double most = speed_of(*first).value_or(0) * k_clearly;
  for (auto other = first + 1; other != end; ++other) {
    const double speed = usable(*other) ? speed_of(*other).value_or(0) : 0;
    if (speed <= most) continue;
    most = speed;
    best = other;
  }
  std::rotate(first, best, best + 1);
}

}  // namespace tenon
