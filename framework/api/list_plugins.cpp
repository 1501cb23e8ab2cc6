// The lists of tenon/plugins.hpp, from a catalog that is gone when they are made.
#include <algorithm>

#include "framework/engine/load/device_speed.hpp"
#include "framework/include/tenon/plugins.hpp"
#include "framework/placement/candidates.hpp"
#include "framework/plugin/catalog.hpp"

namespace tenon {
namespace {

Result<Catalog> scan(const HostTable& host, const PluginSearch& search) {
  ScanOptions options = ScanOptions::standard(search.retry ? Retry::refused : Retry::no);
  options.files = search.files;
  return Catalog::scan(host, options);
}

// The packs with a kernel for a slot of that device which can run here, in the order of the catalog.
std::vector<std::string> packs_for(const Catalog& catalog, const DeviceInfo& device) {
  std::vector<std::string> names;
  for (const KernelOffer& kernel : catalog.kernels()) {
    const std::string pack = catalog.packs()[kernel.pack].desc->pack;
    const bool known = std::find(names.begin(), names.end(), pack) != names.end();
    if (device.has_slot(kernel.desc->slot) && !known) names.push_back(pack);
  }
  return names;
}

std::vector<DroppedKernel> refused_by(const DeviceInfo& device, const Catalog& catalog) {
  std::vector<DroppedKernel> refused;
  for (const KernelOffer& kernel : catalog.kernels()) {
    if (!device.has_slot(kernel.desc->slot)) continue;
    const std::string why = unmet_need(*kernel.desc, device);
    if (!why.empty()) refused.push_back({kernel.desc->id, why});
  }
  return refused;
}

// Kernels that run on the processor ask the machine, not the device that takes them.
std::string features_of(const DeviceInfo& device) {
  if (device.slots.empty() || (device.flags & TN_DEVICE_HOST_MEMORY) == 0) return device.features;
  return device.features + (device.features.empty() ? "" : " ") + machine_features();
}

ListedDevice listed(const DeviceInfo& d, const Catalog& catalog) {
  return {.backend = d.backend,
          .index = d.index,
          .name = d.name,
          .identity = d.identity,
          .features = features_of(d),
          .slots = d.slots,
          .packs = packs_for(catalog, d),
          .refused_kernels = refused_by(d, catalog),
          .units = d.units,
          .memory_total = d.memory_total,
          .memory_free = d.memory_free,
          .unusable = d.unusable};
}

ListedDevice without_devices(const tn_backend_factory& backend, const Error& error) {
  ListedDevice d;
  d.backend = backend.id;
  d.unusable = error.message();
  return d;
}

}  // namespace

Result<PluginList> list_plugins(const PluginSearch& search) {
  const HostTable host(search.logger);
  const auto catalog = scan(host, search);
  if (!catalog) return fail(catalog);
  PluginList list;
  list.plugins.assign(catalog->candidates().begin(), catalog->candidates().end());
  for (const KernelOffer& k : catalog->dropped_kernels())
    list.dropped_kernels.push_back({k.desc->id, k.dropped});
  return list;
}

Result<std::vector<ListedDevice>> list_devices(const PluginSearch& search) {
  const HostTable host(search.logger);
  const auto catalog = scan(host, search);
  if (!catalog) return fail(catalog);
  Devices devices(host, *catalog, default_speed_cache());
  std::vector<ListedDevice> list;
  for (const BackendOffer& offer : catalog->backends()) {
    auto infos = devices.enumerate(*offer.desc);
    const std::size_t first = list.size();
    std::vector<double> speeds;
    for (const DeviceInfo& d : infos.value_or(std::vector<DeviceInfo>()))
      speeds.push_back(search.measure ? device_speed(devices, d, 0).value_or(0) : 0);
    // Backends know more of a device that was opened.
    if (search.measure) infos = devices.enumerate(*offer.desc);
    if (!infos) list.push_back(without_devices(*offer.desc, infos.error()));
    for (const DeviceInfo& d : infos.value_or(std::vector<DeviceInfo>())) {
      list.push_back(listed(d, *catalog));
      const std::size_t i = list.size() - 1 - first;
      list.back().weight_bytes_per_second = i < speeds.size() ? speeds[i] : 0;
    }
  }
  return list;
}

}  // namespace tenon
