// The op of a bundle on a backend of choice, against what a made of it.
#include <algorithm>
#include <bit>
#include <cstring>

#include "framework/bisect/bundle.hpp"
#include "framework/bisect/difference.hpp"
#include "framework/engine/load/device_choice.hpp"
#include "framework/engine/load/loader.hpp"
#include "framework/graph/op_info.hpp"
#include "framework/include/tenon/bisect.hpp"

namespace tenon {
namespace {

std::vector<float> floats(const Words& words) {
  std::vector<float> values(words.size());
  std::memcpy(values.data(), words.data(), words.size() * sizeof(float));
  return values;
}

NodeData data_of(const Bundle& bundle) {
  return {[&bundle](const std::string& name) {
            return std::as_bytes(std::span(bundle.weights.at(name)));
          },
          [&bundle](std::uint32_t id) { return bundle.states.at(id); }, bundle.n_pages};
}

// Where the op runs, and with which kernel.
Result<GraphContext> place_bundle(const Bundle& bundle, Devices& devices,
                                  const std::string& backend, std::span<const KernelRule> rules) {
  GraphContext context;
  context.host = &devices.host();
  context.graph = bundle.graph;
  const auto spec = parse_backend(backend);
  if (!spec) return fail(spec);
  auto chosen = choose_devices(devices, {&*spec, 1}, 0);
  if (!chosen) return fail(chosen);
  context.targets = std::move(chosen->targets);
  const std::vector<KernelRule> all(rules.begin(), rules.end());
  auto placement = place(context.graph, context.targets, kernel_sources(devices.catalog(), all),
                         devices.host(), bundle.steps.back().bounds);
  if (!placement) return fail(placement);
  context.placement = std::move(*placement);
  for (const Choice& choice : context.placement.nodes)
    if (choice.device != context.placement.nodes.back().device)
      return fail(ErrorCode::unavailable, backend + ": the parts of the op run on several devices");
  return context;
}

// Steps for `single`, whose inputs may have other names than in the bundle.
std::vector<NodeStep> steps_for(const Bundle& bundle, const GraphContext& context,
                                const SingleNode& single) {
  std::vector<NodeStep> steps;
  for (const BundleStep& step : bundle.steps) {
    NodeStep& made = steps.emplace_back(NodeStep{step.extents, step.bounds, {}, {}});
    for (const Choice& choice : context.placement.nodes) made.kernels.push_back(choice.kernel);
    for (const SingleNode::Operand& operand : single.inputs())
      made.inputs[operand.name] = step.inputs.at(bundle.graph.values[operand.original].name);
  }
  return steps;
}

// The results of the last step against those of the bundle.
void compare(const Bundle& bundle, const SingleNode& single, const SingleNode::Outputs& outputs,
             ReplayReport& report) {
  const BundleStep& step = bundle.steps.back();
  report.same_bits_as_b = report.holds = true;
  for (const auto& [name, id] : bundle.graph.outputs) {
    const auto at = std::ranges::find(single.outputs(), id, &SingleNode::Operand::original);
    const SingleNode::Output& out =
        outputs[static_cast<std::size_t>(at - single.outputs().begin())];
    const std::vector<float> a = floats(step.outputs_a.at(name));
    const Words& b = step.outputs_b.at(name);
    report.same_bits_as_b =
        report.same_bits_as_b && std::memcmp(out.values.data(), b.data(), b.size() * 4) == 0;
    const KernelError error = kernel_error(out.values, a, out.width);
    const bool first = report.holds;
    report.holds = report.holds && holds(error, bundle.limit);
    if (!first) continue;
    report.nmse = error.whole, report.worst_strip = error.worst_strip;
    report.elements = elements_beyond(out.values, a, out.width, bundle.limit);
  }
}

// Without a wish of the user: what was in question.
std::vector<std::string> rules_for(const Bundle& bundle, const std::string& backend,
                                   const std::vector<std::string>& kernels) {
  if (!backend.empty() || !kernels.empty() || bundle.kernel_b.empty()) return kernels;
  return {std::string(bundle.graph.nodes.back().op->name) + "=" + bundle.kernel_b};
}

// A pin that has no effect is a mistake to report.
Status check_pins(std::span<const KernelRule> rules, const Placement& placement) {
  for (const KernelRule& rule : rules) {
    const auto used = [&](const Choice& c) {
      return c.kernel != nullptr && rule.id == c.kernel->id;
    };
    if (!rule.deny && std::ranges::none_of(placement.nodes, used))
      return fail(ErrorCode::unavailable,
                  "the kernel " + rule.id + " is not loaded, or it declines the op",
                  Setting::kernel);
  }
  return {};
}

Result<std::vector<KernelRule>> read_rules(const std::vector<std::string>& texts) {
  std::vector<KernelRule> rules;
  for (const std::string& text : texts) {
    auto rule = parse_kernel_rule(text);
    if (!rule) return fail(rule);
    rules.push_back(std::move(*rule));
  }
  return rules;
}

}  // namespace

Result<ReplayReport> replay(const std::filesystem::path& folder, const std::string& backend,
                            const std::vector<std::string>& kernels, const PluginSearch& search) {
  const auto bundle = read_bundle(folder);
  if (!bundle) return fail(bundle);
  const auto rules = read_rules(rules_for(*bundle, backend, kernels));
  if (!rules) return fail(rules);
  const HostTable host(search.logger);
  ScanOptions scan = ScanOptions::standard();
  scan.files = search.files;
  const auto catalog = Catalog::scan(host, scan);
  if (!catalog) return fail(catalog);
  Devices devices(host, *catalog);
  const std::string& on = backend.empty() ? bundle->backend_b : backend;
  const auto context = place_bundle(*bundle, devices, on, *rules);
  if (!context) return fail(context);
  if (Status s = check_pins(*rules, context->placement); !s) return fail(s);
  std::vector<std::uint32_t> nodes(context->graph.nodes.size());
  for (std::uint32_t n = 0; n < nodes.size(); ++n) nodes[n] = n;
  const SingleNode single(*context, data_of(*bundle), nodes);
  const auto outputs = single.run(steps_for(*bundle, *context, single), true);
  if (!outputs) return fail(outputs);
  ReplayReport report;
  report.node = bundle->graph.nodes.back().name;
  report.op = bundle->graph.nodes.back().op->name;
  report.backend = on;
  const tn_kernel_desc* kernel = context->placement.nodes.back().kernel;
  report.kernel = kernel != nullptr ? kernel->id : "";
  report.limit = bundle->limit;
  compare(*bundle, single, outputs->back(), report);
  return report;
}

}  // namespace tenon
