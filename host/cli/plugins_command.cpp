// tenon plugins and tenon devices: what is installed, what it offers,
// and why some of it is unusable.
#include <iostream>

#include "framework/include/tenon/plugins.hpp"
#include "host/cli/command.hpp"
#include "host/cli/engine_setup.hpp"
#include "host/cli/printable.hpp"
#include "host/cli/terminal.hpp"

namespace tenon::cli {
namespace {

struct ListOptions {
  OutputOptions output;
  std::vector<std::string> plugins;
  bool retry = false;
};

Syntax devices_syntax(ListOptions& o) {
  return {.usage = "tenon devices [--plugin FILE]... [--json]",
          .examples = "",
          .arguments = {},
          .groups = {plugin_flags(o.plugins), output_flags(o.output)}};
}

Syntax plugins_syntax(ListOptions& o) {
  Syntax syntax = devices_syntax(o);
  syntax.usage = "tenon plugins [--plugin FILE]... [--retry] [--json]";
  syntax.groups[0].flags.push_back(
      {"retry", &o.retry, "", "try refused files again; a refusal is remembered for a day"});
  return syntax;
}

Result<PluginSearch> search_from(const ListOptions& o) {
  auto logger = make_logger(o.output);
  if (!logger) return fail(logger);
  return PluginSearch{.files = {o.plugins.begin(), o.plugins.end()},
                      .logger = std::move(*logger),
                      .retry = o.retry,
                      .measure = true};
}

Json to_json(const ListedPlugin& p) {
  return {{"path", p.path.string()}, {"id", p.id},         {"version", p.version},
          {"vendor", p.vendor},      {"abi", p.abi},       {"kinds", p.kinds},
          {"offers", p.offers},      {"loaded", p.loaded}, {"reason", p.reason}};
}

Json to_json(const DroppedKernel& k) { return {{"kernel", k.kernel}, {"reason", k.reason}}; }

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& w : words) text += (text.empty() ? "" : " ") + w;
  return text;
}

Json to_json(const ListedDevice& d) {
  const std::string index = d.index ? "/" + std::to_string(*d.index) : "";
  Json row = {{"backend", d.backend},
              {"device", d.backend + index},
              {"name", d.name},
              {"identity", d.identity},
              {"slots", joined(d.slots)},
              {"units", d.units},
              {"memory_total", d.memory_total},
              {"memory_free", d.memory_free},
              {"weight_bytes_per_second", d.weight_bytes_per_second},
              {"features", d.features},
              {"unusable", d.unusable}};
  if (!d.index) return row;
  row["packs"] = joined(d.packs);
  row["refused_kernels"] = Json::array();
  for (const DroppedKernel& k : d.refused_kernels) row["refused_kernels"].push_back(to_json(k));
  return row;
}

template <class T>
Json to_json(const std::vector<T>& rows) {
  Json list = Json::array();
  for (const T& row : rows) list.push_back(to_json(row));
  return list;
}

void print_plugin(const ListedPlugin& p) {
  if (p.loaded)
    std::cout << "loaded   " << p.id << ' ' << p.version << " (ABI " << p.abi << ", "
              << joined(p.kinds) << ": " << joined(p.offers) << ")  " << p.path.string() << '\n';
  else
    std::cout << "refused  " << p.path.string() << ": " << printable_lines(p.reason) << '\n';
}

void print_device(const Json& d) {
  std::cout << d["device"].get<std::string>() << "  " << d["name"].get<std::string>() << ", "
            << d["units"] << " units, " << human_bytes(d["memory_free"].get<std::uint64_t>())
            << " free of " << human_bytes(d["memory_total"].get<std::uint64_t>());
  if (const auto speed = d["weight_bytes_per_second"].get<double>(); speed > 0)
    std::cout << ", reads weights at " << human_bytes(static_cast<std::uint64_t>(speed)) << "/s";
  if (!d["unusable"].get<std::string>().empty())
    std::cout << "\n  unusable: " << d["unusable"].get<std::string>();
  if (!d["identity"].get<std::string>().empty())
    std::cout << "\n  identity: " << d["identity"].get<std::string>();
  if (!d["slots"].get<std::string>().empty())
    std::cout << "\n  slots: " << d["slots"].get<std::string>()
              << "; packs: " << d["packs"].get<std::string>();
  for (const Json& k : d.value("refused_kernels", Json::array()))
    std::cout << "\n  refused: " << k["kernel"].get<std::string>() << ", "
              << k["reason"].get<std::string>();
  if (!d["features"].get<std::string>().empty())
    std::cout << "\n  features: " << d["features"].get<std::string>();
  std::cout << '\n';
}

Status run_plugins(ListOptions& o) {
  const auto search = search_from(o);
  if (!search) return fail(search);
  const auto found = list_plugins(*search);
  if (!found) return fail(found);
  if (o.output.json)
    return print_json({{"plugins", to_json(found->plugins)},
                       {"dropped_kernels", to_json(found->dropped_kernels)}}),
           Status();
  for (const ListedPlugin& p : found->plugins) print_plugin(p);
  for (const DroppedKernel& k : found->dropped_kernels)
    std::cout << "dropped  " << k.kernel << ": " << k.reason << '\n';
  if (found->plugins.empty()) std::cout << "no plugin was found\n";
  return {};
}

Status run_devices(ListOptions& o) {
  const auto search = search_from(o);
  if (!search) return fail(search);
  const auto found = list_devices(*search);
  if (!found) return fail(found);
  const Json list = to_json(*found);
  if (o.output.json) return print_json({{"devices", list}}), Status();
  for (const Json& d : list) print_device(d);
  if (list.empty()) std::cout << "no device: no backend plugin is loaded; see `tenon plugins`\n";
  return {};
}

}  // namespace

extern const Command k_plugins = command<ListOptions, plugins_syntax, run_plugins>(
    "plugins", "Plugins found, what they offer, why some are refused");
extern const Command k_devices =
    command<ListOptions, devices_syntax, run_devices>("devices", "Devices of every backend");

}  // namespace tenon::cli
