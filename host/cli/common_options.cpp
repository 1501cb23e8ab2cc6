// The tables of the flags that commands share.
#include "host/cli/common_options.hpp"

namespace tenon::cli {

Flag model_argument(std::string& model) {
  return {"model", &model, "MODEL", "the model file (GGUF)"};
}

FlagGroup output_flags(OutputOptions& o) {
  return {"Output",
          {
              {"json", &o.json, "", "one JSON document on stdout"},
              {"quiet,q", &o.quiet, "", "no progress, no timings"},
              {"verbose,v", &o.verbose, "", "log what happens"},
              {"color", &o.color, "WHEN", "auto, always or never", "auto always never"},
              {"log-file", &o.log_file, "FILE", "also log to a file"},
          }};
}

FlagGroup plugin_flags(std::vector<std::string>& plugins) {
  return {"Plugins", {{"plugin", &plugins, "FILE", "also load this plugin (repeatable)"}}};
}

FlagGroup engine_flags(EngineOptions& o) {
  return {
      "Engine",
      {
          {"backend", &o.backend, "BACKEND", "auto, cpu, cpu/avx2 (a pack), cpu/0 (a device)"},
          {"gpu-layers", &o.gpu_layers, "N|auto", "the last N layers on the GPU; auto: what fits"},
          {"place", &o.place, "RULES", "'layers 0-11=DEVICE, rest=DEVICE', by name"},
          {"context,c", &o.context, "N", "positions; default: the model's"},
          {"batch,b", &o.batch, "N", "rows of one prefill step"},
          {"threads,t", &o.threads, "N", "default: every usable core"},
          {"cache-type", &o.cache_type, "TYPE", "f16, f32 or q8_0"},
          {"kernel", &o.kernels, "RULE=ID", "pin (deny: =!ID) a kernel: OP[DTYPES]@DEVICE=ID"},
          {"verify-kernels", &o.verify_kernels, "", "compare every kernel with the reference"},
          {"validate", &o.validate, "", "log what breaks the plugin contract; slower"},
          {"plugin", &o.plugins, "FILE", "also load this plugin (repeatable)"},
      }};
}

}  // namespace tenon::cli
