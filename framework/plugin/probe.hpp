// Runs tenon-probe on a plugin file, in a process of its own with a time limit.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

#include "framework/plugin/prober.hpp"

namespace tenon {

struct ProbeOptions {
  std::filesystem::path program{};  // tenon-probe, checked as a plugin of the installation is
  std::chrono::milliseconds limit{5000};
  std::chrono::milliseconds driver_limit{10000};  // of plugins that open drivers
  std::filesystem::path cache{};                  // results of earlier probes; empty: none
  Retry retry = Retry::no;
};

// PREFIX/bin/tenon-probe of the installation that the program, or the library that holds this code,
// belongs to; nothing if there is none.
std::optional<std::filesystem::path> find_probe_program();

// $XDG_CACHE_HOME/tenon/probe.json; empty for set-uid programs and without a home.
std::filesystem::path default_probe_cache();

struct ProbeResult {
  std::string reason;    // "" if the plugin behaved
  bool lasting = false;  // likely the same next time: the plugin behaved, crashed or ended itself
};

// One run of the program; nothing is read from or written to the cache.
ProbeResult run_probe(const ProbeRequest& request, const ProbeOptions& options);

// run_probe behind the cache: what is lasting is remembered, by content of the file and by the
// drivers that it opens.
Prober make_prober(ProbeOptions options);

}  // namespace tenon
