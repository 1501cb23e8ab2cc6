// What is installed: the plugins found, what they offer, why some of it cannot be used; the
// devices of every backend. Every file of the search path is looked at, no model is needed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "result.hpp"

namespace spdlog {
class logger;
}

namespace tenon {

struct PluginSearch {
  std::vector<std::filesystem::path> files =
      {};  // besides the search path; one refused is an error
  std::shared_ptr<spdlog::logger> logger = nullptr;  // none: messages are dropped
  bool retry = false;    // try again what was refused, though the refusal is remembered (a day)
  bool measure = false;  // list_devices: also how fast they are; about 0.1 s each, once a machine
};

// One file that was looked at. What a refused file claims to be is filled in as far as known.
struct ListedPlugin {
  std::filesystem::path path;
  std::string id, version, vendor;
  std::string abi;                  // the ABI it was built for, "1.0"
  std::vector<std::string> kinds;   // "backend", "kernels", "arch"
  std::vector<std::string> offers;  // backend id, pack name, architecture ids
  bool loaded = false;
  std::string reason;  // one line: why it was not loaded
};

// A kernel of a loaded plugin that this machine cannot run.
struct DroppedKernel {
  std::string kernel, reason;
};

struct PluginList {
  std::vector<ListedPlugin> plugins;
  std::vector<DroppedKernel> dropped_kernels;
};

// Errors: ErrorCode::unavailable for one of `files` that is refused.
Result<PluginList> list_plugins(const PluginSearch& search = {});

struct ListedDevice {
  std::string backend;
  std::optional<std::uint32_t> index;  // none: the backend could not list its devices
  std::string name;
  std::string identity;            // "pci:0000:01:00.0", stays when indices change; "": none
  std::string features;            // that kernels may need, by the names that their plugins use
  std::vector<std::string> slots;  // the kinds of kernels it takes from other plugins, best first
  std::vector<std::string> packs;  // the kernel packs for those slots
  std::vector<DroppedKernel> refused_kernels;  // of those packs, that need what it lacks
  std::uint32_t units = 0;
  std::uint64_t memory_total = 0, memory_free = 0;
  double weight_bytes_per_second = 0;  // read for a product with one row; 0: not measured
  std::string unusable;                // one line: why it cannot be used, "" if it can
};

// Errors: as of list_plugins.
Result<std::vector<ListedDevice>> list_devices(const PluginSearch& search = {});

}  // namespace tenon
