// tenon replay: the op of a bundle, run again.
#include <iostream>

#include "host/cli/command.hpp"
#include "host/cli/divergence.hpp"
#include "host/cli/engine_setup.hpp"
#include "host/cli/printable.hpp"
#include "host/cli/terminal.hpp"

namespace tenon::cli {
namespace {

struct ReplayOptions {
  OutputOptions output;
  std::string bundle, backend;
  std::vector<std::string> kernels, plugins;
};

Syntax syntax(ReplayOptions& o) {
  const FlagGroup flags = {
      "Replay",
      {
          {"backend", &o.backend, "BACKEND", "default: the one that was in question"},
          {"kernel", &o.kernels, "RULE=ID", "pin a kernel: OP[DTYPES]@DEVICE=ID"},
      }};
  return {.usage = "tenon replay BUNDLE [--backend BACKEND] [flags]",
          .examples = "",
          .arguments = {{"bundle", &o.bundle, "BUNDLE", "the folder that `tenon bisect` wrote"}},
          .required = 1,
          .groups = {flags, plugin_flags(o.plugins), output_flags(o.output)}};
}

Json document(const ReplayReport& r) {
  return {{"node", r.node},
          {"op", r.op},
          {"backend", r.backend},
          {"kernel", r.kernel},
          {"nmse", r.nmse},
          {"worst_strip", r.worst_strip},
          {"limit", r.limit},
          {"holds", r.holds},
          {"same_bits_as_b", r.same_bits_as_b},
          {"elements", to_json(r.elements)}};
}

Status run(ReplayOptions& o) {
  auto logger = make_logger(o.output);
  if (!logger) return fail(logger);
  PluginSearch search{.logger = *logger};
  search.files.assign(o.plugins.begin(), o.plugins.end());
  const auto r = replay(o.bundle, o.backend, o.kernels, search);
  if (!r) return fail(r);
  if (o.output.json)
    print_json(document(*r));
  else
    std::cout << printable(r->node) << " (" << printable(r->op) << ") on " << printable(r->backend)
              << (r->kernel.empty() ? "" : ", " + r->kernel) << ": NMSE " << r->nmse << " (limit "
              << r->limit << ")" << (r->same_bits_as_b ? ", the bits of the bundle's b" : "")
              << '\n'
              << text_of(r->elements);
  if (r->holds) return {};
  return fail(ErrorCode::gate, r->node + " still differs on " + r->backend);
}

}  // namespace

extern const Command k_replay =
    command<ReplayOptions, syntax, run>("replay", "Run the op of a bisect bundle again");

}  // namespace tenon::cli
