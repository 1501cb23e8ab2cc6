// Runs tenon-probe on a plugin file, in a process of its own with a time limit.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

#include "framework/plugin/prober.hpp"

namespace tenon {

struct ProbeOptions {
  std::filesystem::path program{};  // tenon-probe
  std::chrono::milliseconds limit{5000};
  std::filesystem::path cache{};  // results of earlier probes; empty: none
  bool retry = false;             // probe again what the cache says was refused
};

// tenon-probe beside the running executable, or in ../bin from it; nothing if it is not installed.
std::optional<std::filesystem::path> find_probe_program();

// $XDG_CACHE_HOME/tenon/probe.json; empty for set-uid programs and without a home.
std::filesystem::path default_probe_cache();

struct ProbeResult {
  std::string reason;    // "" if the plugin behaved
  bool lasting = false;  // would be the same next time, whatever else is installed
};

// One run of the program; nothing is read from or written to the cache.
ProbeResult run_probe(const ProbeRequest& request, const ProbeOptions& options);

// run_probe behind the cache: good results, crashes, exits and hangs are remembered by content.
Prober make_prober(ProbeOptions options);

}  // namespace tenon
