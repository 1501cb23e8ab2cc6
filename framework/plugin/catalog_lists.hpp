// CatalogLists: what a scan has found and loaded; a Catalog owns one.
#pragma once

#include <deque>
#include <filesystem>
#include <vector>

#include "framework/include/tenon/plugins.hpp"
#include "framework/plugin/host_table.hpp"
#include "framework/plugin/loaded_plugin.hpp"
#include "framework/plugin/offers.hpp"
#include "framework/plugin/scan_options.hpp"

namespace tenon {

struct CatalogLists {
  CatalogLists() = default;
  CatalogLists(const CatalogLists&) = delete;
  CatalogLists& operator=(const CatalogLists&) = delete;
  // The plugin that was loaded last is shut down first.
  ~CatalogLists() {
    while (!plugins.empty()) plugins.pop_back();
  }

  std::vector<ListedPlugin> candidates;
  std::vector<std::filesystem::path> folders;  // that were searched, whether they exist or not
  std::deque<LoadedPlugin> plugins;            // in order of loading
  std::vector<BackendOffer> backends;
  std::vector<PackOffer> packs;
  std::vector<KernelOffer> kernels, dropped;
  std::vector<LayoutOffer> layouts;
  std::vector<ArchOffer> archs;
};

// Looks at every file that the options name, in their order. The error is that of a named file.
Status scan_plugins(const HostTable& host, const ScanOptions& options, CatalogLists& lists);

}  // namespace tenon
