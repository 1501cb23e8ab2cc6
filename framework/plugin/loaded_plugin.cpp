// The steps from a file to a plugin: load, query, init, get_factory, tables; each may refuse.
#include "framework/plugin/loaded_plugin.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <tenon/abi/sizes_1_0.h>

#include <algorithm>
#include <array>
#include <exception>
#include <utility>

namespace tenon {
namespace {

tl::unexpected<Error> refuse(std::string reason) {
  return fail(ErrorCode::unavailable, std::move(reason));
}

// Plugins must not throw; one that does, through code that can be unwound, is refused.
template <class Call>
bool returns(Call call) noexcept {
  try {
    call();
    return true;
  } catch (...) {
    return false;
  }
}

struct Kind {
  std::string_view name;
  const char* factory;
  Status (*validate)(const void*, PluginTables&);
};

constexpr std::array<Kind, 3> k_kinds{{
    {"backend", TN_FACTORY_BACKEND,
     [](const void* factory, PluginTables& out) {
       return validate_backend(static_cast<const tn_backend_factory*>(factory), out);
     }},
    {"kernels", TN_FACTORY_KERNELS,
     [](const void* factory, PluginTables& out) {
       return validate_pack(static_cast<const tn_kernel_factory*>(factory), out);
     }},
    {"arch", TN_FACTORY_ARCH,
     [](const void* factory, PluginTables& out) {
       return validate_archs(static_cast<const tn_arch_factory*>(factory), out);
     }},
}};

// A file whose code is not what its manifest says; "" if it is.
std::string disagreement(const Manifest& manifest, const tn_plugin& plugin) {
  if (manifest.id != plugin.id) {
    return fmt::format("its manifest says {}, its code {}", manifest.id, plugin.id);
  }
  const AbiVersion built{TN_ABI_MAJOR, plugin.abi_minor_built};
  const AbiVersion min{TN_ABI_MAJOR, plugin.abi_minor_min};
  if (manifest.abi == built && manifest.min == min) return "";
  return fmt::format("its manifest says ABI {} (at least {}), its code {} (at least {})",
                     manifest.abi.text(), manifest.min.text(), built.text(), min.text());
}

Result<const tn_plugin*> query(const Library& library, const Manifest& manifest) {
  using Query = const tn_plugin*(uint16_t);
  auto* entry = library.function<Query>(TN_ENTRY_SYMBOL);
  if (entry == nullptr) return refuse(fmt::format("exports no {}", TN_ENTRY_SYMBOL));
  const tn_plugin* plugin = nullptr;
  if (!returns([&] { plugin = entry(TN_ABI_MINOR); })) return refuse("threw from its query");
  if (plugin == nullptr) {
    return refuse(fmt::format("declines to work with ABI {}.{}", TN_ABI_MAJOR, TN_ABI_MINOR));
  }
  if (auto ok = validate_plugin(plugin); !ok) return fail(ok);
  if (plugin->abi_minor_min > TN_ABI_MINOR) {
    return refuse(fmt::format("needs ABI {}.{}, this host has {}.{}", TN_ABI_MAJOR,
                              plugin->abi_minor_min, TN_ABI_MAJOR, TN_ABI_MINOR));
  }
  if (std::string reason = disagreement(manifest, *plugin); !reason.empty()) {
    return refuse(std::move(reason));
  }
  return plugin;
}

Status init(const tn_plugin& plugin, const HostTable& host) {
  host.take_error();
  tn_status status = TN_ERR_INTERNAL;
  if (!returns([&] { status = plugin.init(host.get()); })) return refuse("threw from init");
  if (status != TN_OK) return refuse(host.to_error(status, "init failed").message());
  return {};
}

Status read_kind(const Kind& kind, const tn_plugin& plugin, const HostTable& host,
                 PluginTables& out) {
  const void* factory = nullptr;
  Status status;
  const bool ok = returns([&] {
    factory = plugin.get_factory(host.get(), kind.factory);
    if (factory != nullptr) status = kind.validate(factory, out);
  });
  if (!ok) return refuse(fmt::format("threw while listing its {}", kind.name));
  if (factory == nullptr) {
    return refuse(
        fmt::format("its manifest promises {}, but it has no {}", kind.name, kind.factory));
  }
  return status;
}

bool contains(const std::vector<std::string>& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

}  // namespace

std::string refusal_by_manifest(const Manifest& manifest) {
  if (manifest.abi.major != TN_ABI_MAJOR) {
    return fmt::format("built for ABI {}, this host has {}.{}", manifest.abi.text(), TN_ABI_MAJOR,
                       TN_ABI_MINOR);
  }
  if (manifest.min.major != TN_ABI_MAJOR || manifest.min.minor > TN_ABI_MINOR) {
    return fmt::format("needs ABI {}, this host has {}.{}", manifest.min.text(), TN_ABI_MAJOR,
                       TN_ABI_MINOR);
  }
  if (manifest.draft != TN_ABI_DRAFT) {
    return "built against another draft of the contract: rebuild it with this host's SDK";
  }
  // Only these two replace the allocator or the memory map of the whole process.
  const std::vector<std::string> host = host_sanitizers();
  for (const std::string_view name : {"address", "thread"}) {
    const bool theirs = contains(manifest.sanitizers, name);
    if (theirs == contains(host, name)) continue;
    return fmt::format("built {} the {} sanitizer, this host {} it", theirs ? "with" : "without",
                       name, theirs ? "without" : "with");
  }
  return "";
}

Result<LoadedPlugin> LoadedPlugin::load(const std::string& load_path, const Manifest& manifest,
                                        const HostTable& host, const StepObserver& observe) {
  const auto step = [&](std::string_view name) {
    if (observe) observe(name);
  };
  step("while loading");
  const auto library = Library::load(load_path);
  if (!library) return fail(library);
  step("in its query");
  const auto plugin = query(*library, manifest);
  if (!plugin) return fail(plugin);
  step("in init");
  if (auto ok = init(**plugin, host); !ok) return fail(ok);
  LoadedPlugin loaded;
  loaded.plugin_ = *plugin;
  loaded.host_ = host.get();
  for (const Kind& kind : k_kinds) {
    if (!contains(manifest.kinds, kind.name)) continue;
    step(fmt::format("while listing its {}", kind.name));
    if (auto ok = read_kind(kind, **plugin, host, loaded.tables_); !ok) return fail(ok);
  }
  return loaded;
}

LoadedPlugin::LoadedPlugin(LoadedPlugin&& other) noexcept
    : plugin_(std::exchange(other.plugin_, nullptr)), host_(other.host_), tables_(other.tables_) {}

LoadedPlugin& LoadedPlugin::operator=(LoadedPlugin&& other) noexcept {
  if (this == &other) return *this;
  shutdown();
  plugin_ = std::exchange(other.plugin_, nullptr);
  host_ = other.host_;
  tables_ = other.tables_;
  return *this;
}

void LoadedPlugin::shutdown() {
  const tn_plugin* plugin = std::exchange(plugin_, nullptr);
  if (plugin != nullptr) returns([&] { plugin->shutdown(host_); });
}

}  // namespace tenon
