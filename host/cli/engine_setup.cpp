// Loading an engine the way the flags ask for.
#include "host/cli/engine_setup.hpp"

#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <fstream>
#include <iostream>
#include <sstream>

#include "host/cli/terminal.hpp"

namespace tenon::cli {

Engine::Builder builder_from(const EngineOptions& o, std::optional<Host> host) {
  Engine::Builder builder = host ? Engine::builder(*host) : Engine::builder();
  builder.model(o.model).backend(o.backend).context(o.context).batch(o.batch).threads(o.threads);
  builder.cache_type(o.cache_type).validate(o.validate).verify_kernels(o.verify_kernels);
  builder.place(o.place).gpu_layers(o.gpu_layers).fallback(o.fallback);
  for (const std::string& rule : o.kernels) builder.kernel(rule);
  for (const std::string& file : o.plugins)
    if (!host) builder.plugin(file);
  return builder;
}

Result<Engine> load_engine(Engine::Builder builder, const OutputOptions& output,
                           const Interrupt& interrupt) {
  auto logger = make_logger(output);
  if (!logger) return fail(logger);
  Progress progress(output);
  builder.logger(*logger).cancel(interrupt.flag());
  builder.on_progress([&](std::string_view stage, double fraction) {
    progress.update(stage, fraction);
    return true;
  });
  return builder.build();
}

std::optional<double> process_age_ms() {
  // Field 22 of /proc/self/stat: start time in clock ticks since boot; the name in field 2 may hold
  // spaces, so fields are counted after its closing parenthesis.
  std::ifstream file("/proc/self/stat");
  std::stringstream text;
  text << file.rdbuf();
  const std::string stat = text.str();
  std::istringstream fields(stat.substr(std::min(stat.size(), stat.rfind(')') + 1)));
  std::string field;
  for (int i = 0; i < 20; ++i) fields >> field;
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  const double since_boot =
      static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
  if (field.empty()) return std::nullopt;
  const double ticks = std::strtod(field.c_str(), nullptr);
  return since_boot - ticks * 1e3 / static_cast<double>(sysconf(_SC_CLK_TCK));
}

Json to_json(const LoadTimings& t, double ready_ms) {
  return {{"plugins_ms", t.plugins_ms},
          {"open_ms", t.open_ms},
          {"map_ms", t.map_ms},
          {"header_ms", t.header_ms},
          {"tokenizer_ms", t.tokenizer_ms},
          {"devices_ms", t.devices_ms},
          {"plan_ms", t.plan_ms},
          {"touch_ms", t.touch_ms},
          {"repack_ms", t.repack_ms},
          {"upload_ms", t.upload_ms},
          {"compile_ms", t.compile_ms},
          {"warmup_ms", t.warmup_ms},
          {"bytes_mapped", t.bytes_mapped},
          {"bytes_borrowed", t.bytes_borrowed},
          {"bytes_packed", t.bytes_packed},
          {"bytes_uploaded", t.bytes_uploaded},
          {"ready_ms", ready_ms}};
}

Json to_json(const MemoryUse& m) {
  const Json pools = {{"weights_mapped", m.weights_mapped},
                      {"weights_packed", m.weights_packed},
                      {"weights_uploaded", m.weights_uploaded},
                      {"kv", m.kv},
                      {"activations", m.activations},
                      {"scratch", m.scratch},
                      {"staging", m.staging}};
  Json j = {{"planned", pools}};
  j["planned"]["total"] = m.planned;
  for (const KvGroupUse& g : m.kv_groups)
    j["kv_groups"].push_back({{"window", g.window},
                              {"positions", g.positions},
                              {"layers", g.layers},
                              {"bytes", g.bytes}});
  j["allocated"] = {{"total", m.allocated}};
  j["peak_rss"] = peak_rss();
  return j;
}

std::uint64_t peak_rss() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

void print_json(const Json& document) {
  std::cout << document.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

}  // namespace tenon::cli
