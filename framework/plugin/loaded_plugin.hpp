// LoadedPlugin: one library, loaded, initialised and with its tables checked.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "framework/base/result.hpp"
#include "framework/plugin/host_table.hpp"
#include "framework/plugin/library.hpp"
#include "framework/plugin/manifest.hpp"
#include "framework/plugin/validate_tables.hpp"

namespace tenon {

// Told before each step that runs code of the plugin: "loading", "in query", "in init", ….
using StepObserver = std::function<void(std::string_view step)>;

// Why this host does not load a plugin with that manifest, without running any of its code:
// ABI range, sanitizers. "" if it may be loaded.
std::string refusal_by_manifest(const Manifest& manifest);

// Move-only; calls shutdown when destroyed. The library stays mapped.
class LoadedPlugin {
 public:
  // Everything a plugin may get wrong, short of crashing, comes back as a one-line refusal.
  static Result<LoadedPlugin> load(const std::string& load_path, const Manifest& manifest,
                                   const HostTable& host, const StepObserver& observe = {});

  LoadedPlugin(LoadedPlugin&& other) noexcept;
  LoadedPlugin& operator=(LoadedPlugin&& other) noexcept;
  LoadedPlugin(const LoadedPlugin&) = delete;
  LoadedPlugin& operator=(const LoadedPlugin&) = delete;
  ~LoadedPlugin() { shutdown(); }

  const PluginTables& tables() const { return tables_; }
  const tn_plugin& plugin() const { return *plugin_; }
  void shutdown();

 private:
  LoadedPlugin() = default;
  const tn_plugin* plugin_ = nullptr;  // NULL: nothing to shut down
  const tn_host* host_ = nullptr;
  PluginTables tables_;
};

}  // namespace tenon
