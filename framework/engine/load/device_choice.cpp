// Matching backend specifications against what the catalog's backends enumerate. Listing devices may
// cost tens of milliseconds, so only those backends are asked that can matter.
#include "framework/engine/load/device_choice.hpp"

#include <algorithm>
#include <set>

#include "framework/engine/load/device_rank.hpp"
#include "framework/engine/load/device_speed.hpp"

namespace tenon {
namespace {

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
  if (!spec.identity.empty() && spec.identity != c.identity)
    return "another device" + (c.identity.empty() ? "" : ", " + c.identity);
  if (!spec.pack.empty() && c.slots.empty()) return "takes no kernel packs";
  if (!(spec.pack.empty() && c.has_ops()) && !has_pack(catalog, c, spec.pack))
    return spec.pack.empty() ? "no kernel pack for " + c.slots.front() + " is usable here"
                             : "the kernel pack \"" + spec.pack + "\" is not usable here";
  return "";
}

class Chooser {
 public:
  Chooser(Devices& devices, std::uint32_t n_threads, bool validate)
      : devices_(devices), n_threads_(n_threads), validate_(validate) {}

  // For specifications that leave the choice.
  void prefer_fast() {
    list("");
    prefer_faster(
        all_, [this](const DeviceInfo& info) { return device_speed(devices_, info, n_threads_); });
  }

  Status add(const BackendSpec& spec) {
    std::string refusals;
    list(spec.automatic() ? "" : spec.backend);
    if (find(spec, all_, refusals)) return {};
    find(spec, list(""), refusals);  // to say what else there is
    refusals = unlisted_ + refusals;
    if (refusals.empty()) refusals = "\n  no backend plugin is loaded";
    refusals += devices_.catalog().refusals({"backend", "kernels"});
    return fail(ErrorCode::unavailable,
                "no device for backend " + to_string(spec) + "; candidates:" + refusals,
                Setting::backend);
  }

  // What cannot be opened is none; backends are asked until the processor is among them.
  void add_fallbacks() {
    add_fallbacks(all_);
    for (const BackendOffer& offer : devices_.catalog().backends()) {
      const auto has_processor = [](const Target& t) { return is_processor(t.device.info()); };
      if (std::ranges::any_of(chosen_.targets, has_processor)) return;
      add_fallbacks(list(offer.desc->id));
    }
  }

  ChosenDevices take() { return std::move(chosen_); }

 private:
  static bool is_same(const DeviceInfo& a, const DeviceInfo& b) {
    return a.backend == b.backend && a.index == b.index;
  }

  // The devices of a backend ("": of all) that were not listed before.
  std::vector<DeviceInfo> list(const std::string& backend) {
    std::vector<DeviceInfo> found;
    for (const BackendOffer& offer : devices_.catalog().backends()) {
      if ((!backend.empty() && backend != offer.desc->id) || !listed_.insert(offer.desc).second)
        continue;
      const auto infos = devices_.enumerate(*offer.desc);
      if (!infos) unlisted_ += "\n  " + infos.error().message();
      if (infos) found.insert(found.end(), infos->begin(), infos->end());
    }
    all_.insert(all_.end(), found.begin(), found.end());
    rank_devices(all_);
    return found;
  }

  bool find(const BackendSpec& spec, const std::vector<DeviceInfo>& among, std::string& refusals) {
    for (const DeviceInfo& info : among) {
      const std::string why = mismatch(info, spec, devices_.catalog());
      if (why.empty() && use(info, spec.pack, refusals)) return true;
      if (!why.empty()) refusals += refuse(info, why);
    }
    return false;
  }

  void add_fallbacks(const std::vector<DeviceInfo>& among) {
    for (const DeviceInfo& info : among) {
      const bool known = std::ranges::any_of(
          chosen_.targets, [&](const Target& t) { return is_same(t.device.info(), info); });
      if (known || !info.unusable.empty() || (info.flags & TN_DEVICE_HOST_MEMORY) == 0) continue;
      if (auto device = devices_.open(info, n_threads_, validate_))
        chosen_.targets.push_back({std::move(*device), ""});
    }
  }

  bool use(const DeviceInfo& info, const std::string& pack, std::string& refusals) {
    std::vector<Target>& targets = chosen_.targets;
    const auto known = std::ranges::find_if(
        targets, [&](const Target& t) { return is_same(t.device.info(), info) && t.pack == pack; });
    chosen_.of_spec.push_back(static_cast<std::uint32_t>(known - targets.begin()));
    if (known != targets.end()) return true;
    auto device = devices_.open(info, n_threads_, validate_);
    if (device) {
      targets.push_back({std::move(*device), pack});
      return true;
    }
    refusals += refuse(info, device.error().message());
    chosen_.of_spec.pop_back();
    return false;
  }

  Devices& devices_;
  std::uint32_t n_threads_;
  bool validate_;
  std::set<const tn_backend_factory*> listed_;
  std::vector<DeviceInfo> all_;
  std::string unlisted_;  // why backends could not list their devices
  ChosenDevices chosen_;
};

}  // namespace

Result<ChosenDevices> choose_devices(Devices& devices, std::span<const BackendSpec> specs,
                                     std::uint32_t n_threads, bool validate) {
  Chooser chooser(devices, n_threads, validate);
  if (std::ranges::any_of(specs, &BackendSpec::automatic)) chooser.prefer_fast();
  for (const BackendSpec& spec : specs)
    if (Status s = chooser.add(spec); !s) return fail(s);
  chooser.add_fallbacks();
  return chooser.take();
}

BackendSpec spec_of(const Target& target) {
  const DeviceInfo& info = target.device.info();
  BackendSpec spec{info.backend, target.pack};
  if (!spec.pack.empty() || !info.several) return spec;
  if (info.identity.empty())
    spec.index = info.index;
  else
    spec.identity = info.identity;
  return spec;
}

}  // namespace tenon
