// tenon plan: memory by pool, placement, and with --explain the kernel of every node and why.
#include <iostream>
#include <map>

#include "host/cli/command.hpp"
#include "host/cli/engine_setup.hpp"
#include "host/cli/printable.hpp"
#include "host/cli/terminal.hpp"

namespace tenon::cli {
namespace {

struct PlanOptions {
  OutputOptions output;
  EngineOptions engine;
  bool explain = false;
};

Json plan_json(const Plan& p, bool explain) {
  Json nodes = Json::array();
  for (const NodePlan& n : p.nodes)
    nodes.push_back({{"number", n.number},
                     {"name", n.name},
                     {"op", n.op},
                     {"device", n.device},
                     {"kernel", n.kernel},
                     {"reason", n.reason}});
  Json weights = Json::array();
  for (const WeightPlan& w : p.weights)
    weights.push_back(
        {{"name", w.name}, {"dtype", w.dtype}, {"device", w.device}, {"layout", w.layout}});
  Json j = {{"devices", p.devices},       {"place", p.place},
            {"n_ctx", p.n_ctx},           {"bucket_rows", p.bucket_rows},
            {"partitions", p.partitions}, {"memory", to_json(p.memory)}};
  for (const VerifiedKernel& v : p.verified)
    j["verified"].push_back({{"kernel", v.kernel}, {"nmse", v.nmse}});
  if (explain) j["nodes"] = std::move(nodes), j["weights"] = std::move(weights);
  return j;
}

void print_text(const Plan& p, bool explain) {
  for (std::size_t d = 0; d < p.devices.size(); ++d)
    std::cout << (d == 0 ? "home      " : "fallback  ") << p.devices[d] << '\n';
  std::cout << "place     --place '" << p.place << "'\n";
  const MemoryUse& m = p.memory;
  std::cout << "context   " << p.n_ctx << " positions; buckets for rows:";
  for (const std::int64_t rows : p.bucket_rows) std::cout << ' ' << rows;
  std::cout << "; " << p.partitions << (p.partitions == 1 ? " partition" : " partitions")
            << "\nmemory    " << human_bytes(m.planned) << ": packed weights "
            << human_bytes(m.weights_packed) << ", cache " << human_bytes(m.kv) << ", activations "
            << human_bytes(m.activations) << ", scratch " << human_bytes(m.scratch) << ", staging "
            << human_bytes(m.staging) << "; the file is mapped (" << human_bytes(m.weights_mapped)
            << ")\n";
  for (const KvGroupUse& g : m.kv_groups)
    std::cout << "cache     " << human_bytes(g.bytes) << ": " << g.positions << " positions of "
              << g.layers << (g.layers == 1 ? " layer" : " layers")
              << (g.window > 0 ? " with a window of " + std::to_string(g.window) : "") << '\n';
  std::map<std::string, std::size_t> kernels;
  for (const NodePlan& n : p.nodes)
    ++kernels[n.device + ": " + (n.kernel.empty() ? n.op : n.kernel)];
  std::cout << "nodes     " << p.nodes.size() << '\n';
  for (const auto& [name, count] : kernels) std::cout << "  " << count << " x " << name << '\n';
  for (const VerifiedKernel& v : p.verified)
    std::cout << "verified  " << v.kernel << ", NMSE " << v.nmse << '\n';
  if (!explain) return;
  std::cout << "\nnode by node\n";
  for (const NodePlan& n : p.nodes)
    std::cout << "  " << n.number << "  " << printable(n.name) << "  " << n.op << "  " << n.device
              << (n.kernel.empty() ? "" : "  " + n.kernel) << "  (" << printable_lines(n.reason)
              << ")\n";
  std::cout << "\nweights\n";
  for (const WeightPlan& w : p.weights)
    std::cout << "  " << printable(w.name) << "  " << w.dtype << "  " << w.device << "  "
              << w.layout << '\n';
}

Syntax syntax(PlanOptions& o) {
  const FlagGroup flags = {"Plan",
                           {{"explain", &o.explain, "", "kernel and reason, node by node"}}};
  return {.usage = "tenon plan MODEL [--explain] [flags]",
          .examples = "",
          .arguments = {model_argument(o.engine.model)},
          .required = 1,
          .groups = {flags, engine_flags(o.engine), output_flags(o.output)}};
}

Status run(PlanOptions& o) {
  const Interrupt interrupt;
  const auto engine = load_engine(builder_from(o.engine), o.output, interrupt);
  if (!engine) return fail(engine);
  if (o.output.json)
    print_json(plan_json(engine->plan(), o.explain));
  else
    print_text(engine->plan(), o.explain);
  return {};
}

}  // namespace

extern const Command k_plan = command<PlanOptions, syntax, run>(
    "plan", "Memory, placement and kernel of every node, and why");

}  // namespace tenon::cli
