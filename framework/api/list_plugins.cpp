// The lists of tenon/plugins.hpp, from a catalog that is gone when they are made.
#include "framework/device/device.hpp"
#include "framework/include/tenon/plugins.hpp"
#include "framework/plugin/catalog.hpp"

namespace tenon {
namespace {

Result<Catalog> scan(const HostTable& host, const PluginSearch& search) {
  ScanOptions options = ScanOptions::standard();
  options.files = search.files;
  return Catalog::scan(host, options);
}

ListedPlugin listed(const Candidate& c) {
  return {c.path, c.id, c.version, c.vendor, c.abi, c.kinds, c.names, c.loaded, c.reason};
}

ListedDevice listed(const DeviceInfo& d, const std::vector<std::string>& packs) {
  return {.backend = d.backend,
          .index = d.index,
          .name = d.name,
          .features = d.features,
          .slot = d.slots.empty() ? std::string() : d.slots.front(),
          .packs = d.slots.empty() ? std::vector<std::string>() : packs,
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
  for (const Candidate& c : catalog->candidates()) list.plugins.push_back(listed(c));
  for (const KernelOffer& k : catalog->dropped_kernels())
    list.dropped_kernels.push_back({k.desc->id, k.dropped});
  return list;
}

Result<std::vector<ListedDevice>> list_devices(const PluginSearch& search) {
  const HostTable host(search.logger);
  const auto catalog = scan(host, search);
  if (!catalog) return fail(catalog);
  std::vector<std::string> packs;
  for (const PackOffer& p : catalog->packs()) packs.emplace_back(p.desc->pack);
  std::vector<ListedDevice> list;
  for (const BackendOffer& offer : catalog->backends()) {
    const auto infos = enumerate_devices(host, *offer.desc);
    if (!infos) list.push_back(without_devices(*offer.desc, infos.error()));
    for (const DeviceInfo& d : infos.value_or(std::vector<DeviceInfo>()))
      list.push_back(listed(d, packs));
  }
  return list;
}

}  // namespace tenon
