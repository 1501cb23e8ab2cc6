// The options that commands share, and their flags.
#pragma once

#include "host/cli/options.hpp"

namespace tenon::cli {

// What every command takes.
struct OutputOptions {
  bool json = false, quiet = false, verbose = false;
  std::string color = "auto", log_file;
};

// What every command that loads a model takes.
struct EngineOptions {
  std::string model, backend = "auto", cache_type = "f16", place, gpu_layers, fallback;
  std::vector<std::string> kernels, plugins;
  std::int64_t context = 0, batch = 512;
  std::uint32_t threads = 0;
  bool validate = false, verify_kernels = false;
};

Flag model_argument(std::string& model);
FlagGroup output_flags(OutputOptions& o);
FlagGroup plugin_flags(std::vector<std::string>& plugins);
FlagGroup engine_flags(EngineOptions& o);  // without MODEL, with --plugin

}  // namespace tenon::cli
