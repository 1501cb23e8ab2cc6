// tenon plugins and tenon devices: what is installed, what it offers, and why some of it is
// unusable.
#include <iostream>

#include "framework/device/device.hpp"
#include "framework/plugin/catalog.hpp"
#include "host/cli/engine_setup.hpp"
#include "host/cli/terminal.hpp"

namespace tenon::cli {
namespace {

struct ListFlags {
  OutputOptions output;
  std::vector<std::string> plugins;
};

Syntax list_syntax(std::string usage, ListFlags& o) {
  Syntax s{std::move(usage), "", po::options_description("", 100), {}};
  s.flags.add(plugin_flags(o.plugins)).add(output_flags(o.output));
  return s;
}
Syntax for_plugins(ListFlags& o) {
  return list_syntax("tenon plugins [--plugin FILE]… [--json]", o);
}
Syntax for_devices(ListFlags& o) {
  return list_syntax("tenon devices [--plugin FILE]… [--json]", o);
}

// Parses the flags and scans; nullopt when help was shown.
Result<std::optional<Catalog>> scan(const Arguments& arguments, Syntax s, ListFlags& o,
                                    std::unique_ptr<HostTable>& host) {
  const auto parsed = parse(arguments, s);
  if (!parsed) return fail(parsed);
  if (parsed->help_shown) return std::nullopt;
  auto logger = make_logger(o.output);
  if (!logger) return fail(logger);
  host = std::make_unique<HostTable>(*logger);
  ScanOptions options = ScanOptions::standard();
  for (const std::string& file : o.plugins) options.files.emplace_back(file);
  auto catalog = Catalog::scan(*host, options);
  if (!catalog) return fail(catalog);
  return std::optional<Catalog>(std::move(*catalog));
}

Json to_json(const Candidate& c) {
  return {{"path", c.path.string()}, {"id", c.id},         {"version", c.version},
          {"vendor", c.vendor},      {"abi", c.abi},       {"kinds", c.kinds},
          {"offers", c.names},       {"loaded", c.loaded}, {"reason", c.reason}};
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& w : words) text += (text.empty() ? "" : " ") + w;
  return text;
}

Json to_json(const DeviceInfo& d) {
  return {{"backend", d.backend},
          {"device", d.backend + "/" + std::to_string(d.index)},
          {"name", d.name},
          {"slot", d.slot},
          {"units", d.units},
          {"memory_total", d.memory_total},
          {"memory_free", d.memory_free},
          {"features", d.features},
          {"unusable", d.unusable}};
}

void print_device(const Json& d) {
  std::cout << d["device"].get<std::string>() << "  " << d["name"].get<std::string>() << ", "
            << d["units"] << " units, " << human_bytes(d["memory_free"].get<std::uint64_t>())
            << " free of " << human_bytes(d["memory_total"].get<std::uint64_t>());
  if (!d["unusable"].get<std::string>().empty())
    std::cout << "\n  unusable: " << d["unusable"].get<std::string>();
  if (!d["slot"].get<std::string>().empty())
    std::cout << "\n  slot: " << d["slot"].get<std::string>()
              << "; packs: " << d["packs"].get<std::string>();
  if (!d["features"].get<std::string>().empty())
    std::cout << "\n  features: " << d["features"].get<std::string>();
  std::cout << '\n';
}

}  // namespace

Syntax plugins_syntax() { return described(for_plugins); }
Syntax devices_syntax() { return described(for_devices); }

Status plugins_command(const Arguments& arguments) {
  ListFlags o;
  std::unique_ptr<HostTable> host;
  const auto catalog = scan(arguments, for_plugins(o), o, host);
  if (!catalog) return fail(catalog);
  if (!*catalog) return {};
  Json list = Json::array();
  for (const Candidate& c : (*catalog)->candidates()) list.push_back(to_json(c));
  Json dropped = Json::array();
  for (const KernelOffer& k : (*catalog)->dropped_kernels())
    dropped.push_back({{"kernel", k.desc->id}, {"reason", k.dropped}});
  if (o.output.json) return print_json({{"plugins", list}, {"dropped_kernels", dropped}}), Status();
  for (const Candidate& c : (*catalog)->candidates()) {
    if (c.loaded)
      std::cout << "loaded   " << c.id << ' ' << c.version << " (ABI " << c.abi << ", "
                << joined(c.kinds) << ": " << joined(c.names) << ")  " << c.path.string() << '\n';
    else
      std::cout << "refused  " << c.path.string() << ": " << c.reason << '\n';
  }
  for (const Json& k : dropped)
    std::cout << "dropped  " << k["kernel"].get<std::string>() << ": "
              << k["reason"].get<std::string>() << '\n';
  if ((*catalog)->candidates().empty()) std::cout << "no plugin was found\n";
  return {};
}

Status devices_command(const Arguments& arguments) {
  ListFlags o;
  std::unique_ptr<HostTable> host;
  const auto catalog = scan(arguments, for_devices(o), o, host);
  if (!catalog) return fail(catalog);
  if (!*catalog) return {};
  Json list = Json::array();
  for (const BackendOffer& offer : (*catalog)->backends()) {
    const auto infos = enumerate_devices(*host, *offer.desc);
    if (!infos) {
      list.push_back({{"backend", offer.desc->id},
                      {"device", offer.desc->id},
                      {"name", ""},
                      {"slot", ""},
                      {"units", 0},
                      {"memory_total", 0},
                      {"memory_free", 0},
                      {"features", ""},
                      {"unusable", infos.error().message()}});
      continue;
    }
    for (const DeviceInfo& d : *infos) {
      Json row = to_json(d);
      std::vector<std::string> packs;
      for (const PackOffer& p : (*catalog)->packs()) packs.emplace_back(p.desc->pack);
      row["packs"] = d.slot.empty() ? "" : joined(packs);
      list.push_back(std::move(row));
    }
  }
  if (o.output.json) return print_json({{"devices", list}}), Status();
  for (const Json& d : list) print_device(d);
  if (list.empty()) std::cout << "no device: no backend plugin is loaded; see `tenon plugins`\n";
  return {};
}

}  // namespace tenon::cli
