// Matching a backend specification against what the catalog's backends enumerate.
#include "framework/engine/load/device_choice.hpp"

#include <algorithm>

namespace tenon {
namespace {

bool all_digits(const std::string& text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string refuse(const DeviceInfo& info, const std::string& why) {
  return "\n  " + info.backend + "/" + std::to_string(info.index) + " (" + info.name + "): " + why;
}

bool has_pack(const Catalog& catalog, const DeviceInfo& info, const std::string& pack) {
  return std::any_of(catalog.kernels().begin(), catalog.kernels().end(), [&](const KernelOffer& k) {
    return info.has_slot(k.desc->slot) &&
           (pack.empty() || pack == catalog.packs()[k.pack].desc->pack);
  });
}

// Why this device is not what was asked for, or "".
std::string mismatch(const DeviceInfo& c, const BackendSpec& spec, const Catalog& catalog) {
  if (!c.unusable.empty()) return c.unusable;
  if (!spec.automatic() && c.backend != spec.backend) return "another backend";
  if (spec.index && *spec.index != c.index) return "another device";
  if (!spec.pack.empty() && c.slots.empty()) return "takes no kernel packs";
  if (!c.slots.empty() && !has_pack(catalog, c, spec.pack))
    return spec.pack.empty() ? "no kernel pack for " + c.slots.front() + " is usable here"
                             : "the kernel pack \"" + spec.pack + "\" is not usable here";
  return "";
}

// By what they are: GPUs, CPUs, those that do not say or say something new. A device without a
// kernel slot is no worse for that.
std::uint32_t rank(const DeviceInfo& device) {
  return device.kind <= TN_DEVICE_KIND_GPU ? device.kind : 0;  // the kinds are in this order
}
bool preferred(const DeviceInfo& a, const DeviceInfo& b) { return rank(a) > rank(b); }

std::vector<DeviceInfo> enumerate_all(Devices& devices, std::string& refusals) {
  std::vector<DeviceInfo> all;
  for (const BackendOffer& offer : devices.catalog().backends()) {
    const auto infos = devices.enumerate(*offer.desc);
    if (!infos) refusals += "\n  " + infos.error().message();
    for (const DeviceInfo& info : infos ? *infos : std::vector<DeviceInfo>{}) all.push_back(info);
  }
  std::stable_sort(all.begin(), all.end(), preferred);
  return all;
}

}  // namespace

Result<BackendSpec> parse_backend(const std::string& text) {
  BackendSpec spec;
  const std::size_t slash = text.find('/');
  spec.backend = text.substr(0, slash);
  if (slash != std::string::npos) {
    const std::string rest = text.substr(slash + 1);
    if (rest.empty())
      return fail(ErrorCode::usage, "backend \"" + text + "\": nothing after the slash",
                  Setting::backend);
    if (all_digits(rest) && rest.size() < 6)
      spec.index = static_cast<std::uint32_t>(std::stoul(rest));
    else
      spec.pack = rest;
  }
  if (spec.backend.empty())
    return fail(ErrorCode::usage, "backend \"" + text + "\": it has no name; try auto",
                Setting::backend);
  return spec;
}

Result<std::vector<Target>> choose_devices(Devices& devices, const BackendSpec& spec,
                                           std::uint32_t n_threads, bool validate) {
  const Catalog& catalog = devices.catalog();
  std::string refusals;
  std::vector<Target> targets;
  const std::vector<DeviceInfo> all = enumerate_all(devices, refusals);
  std::size_t home = all.size();
  for (std::size_t i = 0; i < all.size() && home == all.size(); ++i) {
    const std::string why = mismatch(all[i], spec, catalog);
    if (why.empty()) {
      auto device = devices.open(all[i], n_threads, validate);
      if (!device) {
        refusals += refuse(all[i], device.error().message());
        continue;
      }
      home = i;
      targets.push_back({std::move(*device), spec.pack});
    } else {
      refusals += refuse(all[i], why);
    }
  }
  if (targets.empty()) {
    std::string text =
        "no device for backend " + spec.backend + (spec.pack.empty() ? "" : "/" + spec.pack);
    if (spec.index) text += "/" + std::to_string(*spec.index);
    if (refusals.empty()) refusals = "\n  no backend plugin is loaded";
    refusals += catalog.refusals({"backend", "kernels"});
    return fail(ErrorCode::unavailable, text + "; candidates:" + refusals, Setting::backend);
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i == home || !all[i].unusable.empty() || (all[i].flags & TN_DEVICE_HOST_MEMORY) == 0)
      continue;
    if (auto device = devices.open(all[i], n_threads, validate))
      targets.push_back({std::move(*device), ""});
  }
  return targets;
}

}  // namespace tenon
