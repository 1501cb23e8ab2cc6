// Three passes: a alone, b with what a had, b with what it has itself; then b as it runs in earnest.
#include "framework/include/tenon/bisect.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "framework/bisect/bundle.hpp"
#include "framework/bisect/difference.hpp"
#include "framework/bisect/gate.hpp"
#include "framework/bisect/interpreter.hpp"
#include "framework/bisect/whole.hpp"
#include "framework/engine/step/runtime.hpp"
#include "framework/graph/fuse.hpp"
#include "framework/graph/op_info.hpp"

namespace tenon {
namespace {

constexpr double k_passes = 3;
constexpr double k_free_factor = 100;  // what one op is off goes on into the next ones

using Progress = std::function<bool(double)>;

std::vector<float> floats(const Words& words) {
  std::vector<float> values(words.size());
  std::memcpy(values.data(), words.data(), words.size() * sizeof(float));
  return values;
}

std::string shapes_of(const NodeRun& run, const Extents& extents) {
  const Graph& graph = run.single.graph();
  const auto text = [&](ValueId v) {
    Shape shape = graph.values[v].shape;
    if (shape.symbolic()) shape.dim[0] = extents[shape.sym[0]], shape.sym[0] = 0;
    return std::string(graph.values[v].dtype->name) + to_string(shape);
  };
  std::string all;
  const Node& node = graph.nodes.back();
  for (const ValueId v : node.in)
    if (v != k_no_value) all += (all.empty() ? "" : ", ") + text(v);
  all += " ->";
  for (const ValueId v : node.out) all += " " + text(v);
  return all;
}

// The kernel's id, or the device's own.
std::string kernel_name(const tn_kernel_desc* kernel) {
  return kernel != nullptr ? kernel->id : "";
}

class Bisection {
 public:
  Bisection(const Model& model, Devices& devices, const BisectRecipe& recipe, ValueId shared,
            Side& a, Side& b, std::span<const ModelStep> steps, const Progress& progress)
      : model_(model),
        devices_(devices),
        recipe_(recipe),
        shared_(shared),
        a_(a),
        b_(b),
        steps_(steps),
        progress_(progress) {}

  Result<BisectReport> run() {
    report_.backend_a = recipe_.a, report_.backend_b = recipe_.b;
    report_.steps = steps_.size();
    const auto tell = [this](const NodeRun& run) { return told(0, run.node, a_); };
    if (Status s = a_.run(steps_, nullptr, shared_, tell); !s) return fail(s);
    const auto lock = [this](const NodeRun& run) { return lockstep(run); };
    if (Status s = b_.run(steps_, &a_, shared_, lock); !s) return fail(s);
    widest_gate_ = 0;
    const auto free = [this](const NodeRun& run) { return free_running(run); };
    if (Status s = b_.run(steps_, nullptr, shared_, free); !s) return fail(s);
    if (Status s = compare_logits(); !s) return fail(s);
    return std::move(report_);
  }

 private:
  // The node of a that makes a value; nullptr where a has it not.
  const tn_kernel_desc* kernel_in_a(ValueId value, const Extents& extents) const {
    for (std::uint32_t n = 0; n < a_.graph().nodes.size(); ++n)
      if (std::ranges::count(a_.graph().nodes[n].out, value) > 0) return a_.kernel(n, extents);
    return nullptr;
  }

  // The first step and result of a node that is off by more than its gate, or where errors of the
  // ops before go on, by more than a multiple of the widest gate so far.
  std::optional<Divergence> divergence(const NodeRun& run, bool free) {
    for (std::size_t s = 0; s < steps_.size(); ++s)
      for (std::size_t i = 0; i < run.single.outputs().size(); ++i) {
        const ValueId id = run.single.outputs()[i].original;
        if (id >= shared_ || !a_.values()[s].contains(id)) continue;
        compared_ = true;
        const SingleNode::Output& out = run.outputs[s][i];
        const std::vector<float> expected = floats(a_.values()[s].at(id));
        if (expected.empty()) continue;
        const KernelError error = kernel_error(out.values, expected, out.width);
        const tn_kernel_desc* other = kernel_in_a(id, steps_[s].extents);
        const double gate = gate_of(run.single.graph(), run.steps[s].kernels.back(), other);
        widest_gate_ = std::max(widest_gate_, gate);
        const double limit = free ? k_free_factor * widest_gate_ : gate;
        if (!holds(error, limit)) return described(run, s, i, expected, error, limit, other);
      }
    return std::nullopt;
  }

  Divergence described(const NodeRun& run, std::size_t step, std::size_t output,
                       std::span<const float> expected, const KernelError& error, double limit,
                       const tn_kernel_desc* other) const {
    const Node& node = b_.graph().nodes[run.node];
    const SingleNode::Output& out = run.outputs[step][output];
    Divergence d;
    d.node = node.name, d.op = node.op->name;
    d.layer = node.layer == TN_NONE ? -1 : static_cast<std::int64_t>(node.layer);
    d.device = b_.loaded().context.targets[b_.choice(run.node).device].device.info().backend;
    d.kernel_a = kernel_name(other);
    d.kernel_b = kernel_name(run.steps[step].kernels.back());
    d.shape = shapes_of(run, steps_[step].extents);
    d.step = step, d.rows = steps_[step].extents[TN_SYM_ROWS];
    d.nmse = error.whole, d.worst_strip = error.worst_strip, d.limit = limit;
    d.elements = elements_beyond(out.values, expected, out.width, limit);
    return d;
  }

  Status lockstep(const NodeRun& run) {
    compared_ = false;
    auto found = divergence(run, false);
    report_.ops += compared_ ? 1 : 0;
    if (found && report_.lockstep.empty() && !recipe_.bundle.empty())
      if (Status s = write_bundle(bundle_of(run, *found), recipe_.bundle); !s) return s;
    if (found) report_.lockstep.push_back(std::move(*found));
    return told(1, run.node, b_);
  }

  Status free_running(const NodeRun& run) {
    if (!report_.free_running) report_.free_running = divergence(run, true);
    return told(2, run.node, b_);
  }

  Bundle bundle_of(const NodeRun& run, const Divergence& d) const {
    Bundle bundle;
    bundle.backend_a = recipe_.a, bundle.backend_b = recipe_.b;
    bundle.kernel_a = d.kernel_a, bundle.kernel_b = d.kernel_b;
    bundle.limit = d.limit;
    bundle.graph = run.single.graph();
    bundle.n_pages = steps_.front().inputs.find("block_table")->second.size();
    for (const Value& v : bundle.graph.values) {
      if (v.kind == ValueKind::state) bundle.states[v.layer] = model_.declared().states.at(v.layer);
      if (v.kind != ValueKind::weight) continue;
      const auto data = model_.declared().tensors.find(v.name)->second->data;
      const auto* bytes = reinterpret_cast<const std::uint8_t*>(data.data());
      bundle.weights[v.name].assign(bytes, bytes + data.size());
    }
    const std::size_t first = run.single.uses_cache() ? 0 : d.step;
    for (std::size_t s = first; s <= d.step; ++s) bundle.steps.push_back(step_of(run, s));
    return bundle;
  }

  BundleStep step_of(const NodeRun& run, std::size_t s) const {
    BundleStep step{run.steps[s].extents, run.steps[s].bounds, run.steps[s].inputs, {}, {}};
    for (std::size_t i = 0; i < run.single.outputs().size(); ++i) {
      const SingleNode::Operand& output = run.single.outputs()[i];
      Words& b = step.outputs_b[output.name];
      for (const float x : run.outputs[s][i].values) b.push_back(std::bit_cast<std::int32_t>(x));
      const auto a = a_.values()[s].find(output.original);
      step.outputs_a[output.name] = a != a_.values()[s].end() ? a->second : b;
    }
    return step;
  }

  // All steps' logits: b's own against a's, and against those of the whole plan of b.
  Status compare_logits() {
    const ValueId logits = b_.graph().outputs.at("logits");
    std::vector<float> a, b;
    for (std::size_t s = 0; s < steps_.size(); ++s) {
      std::ranges::copy(floats(a_.values()[s].at(logits)), std::back_inserter(a));
      std::ranges::copy(floats(b_.values()[s].at(logits)), std::back_inserter(b));
    }
    report_.logits_nmse = kernel_error(b, a, b.size()).whole;
    const auto whole = whole_logits(model_, devices_, b_.loaded().options, steps_);
    if (!whole) return fail(whole);
    report_.plan_nmse = kernel_error(*whole, b, b.size()).whole;
    report_.plan_limit = k_plan_limit;
    return {};
  }

  Status told(double pass, std::uint32_t node, const Side& side) const {
    const double part = (node + 1.0) / static_cast<double>(side.graph().nodes.size());
    if (progress_ && !progress_((pass + part) / k_passes))
      return fail(ErrorCode::cancelled, "the comparison was cancelled");
    return {};
  }

  const Model& model_;
  Devices& devices_;
  const BisectRecipe& recipe_;
  ValueId shared_;  // values below are those of the model's graph, the same on both sides
  Side& a_;
  Side& b_;
  std::span<const ModelStep> steps_;
  const Progress& progress_;
  BisectReport report_;
  bool compared_ = false;
  double widest_gate_ = 0;  // of the ops of this pass
};

Result<LoadOptions> options_of(const BisectRecipe& recipe, std::size_t tokens,
                               const std::string& backend) {
  LoadOptions o;
  o.backend = backend;
  o.cache_type = recipe.cache_type;
  o.n_threads = recipe.threads;
  o.n_ctx = static_cast<std::int64_t>((tokens + TN_PAGE_POSITIONS) / TN_PAGE_POSITIONS) *
            TN_PAGE_POSITIONS;
  o.batch = std::clamp<std::int64_t>(recipe.batch, 1, static_cast<std::int64_t>(tokens));
  o.max_out_rows = 1;
  o.tail = false;  // no part of the model
  if (&backend != &recipe.b) return o;
  for (const std::string& text : recipe.kernels) {
    auto rule = parse_kernel_rule(text);
    if (!rule) return fail(rule);
    o.rules.push_back(std::move(*rule));
  }
  return o;
}

// How many values the graph has before a placement adds some.
Result<ValueId> shared_values(const Model& model, const LoadedModel& side, const HostTable& host) {
  auto graph = model.build(side.options.n_ctx, *side.cache_dtype, host);
  if (!graph) return fail(graph);
  fuse(*graph);
  return static_cast<ValueId>(graph->values.size());
}

Result<std::vector<Token>> tokens_of(const BisectRecipe& recipe, const Model& model) {
  auto tokens = recipe.tokens.empty() ? model.tokenizer().encode(recipe.prompt, {})
                                      : Result<std::vector<Token>>(recipe.tokens);
  if (tokens && tokens->empty()) return fail(ErrorCode::usage, "there are no tokens");
  for (const Token t : tokens ? *tokens : std::vector<Token>())
    if (t < 0 || t >= model.n_vocab())
      return fail(ErrorCode::usage, "token " + std::to_string(t) + " is not in the vocabulary of " +
                                        std::to_string(model.n_vocab()));
  return tokens;
}

Result<Side> place_side(const Model& model, Devices& devices, const BisectRecipe& recipe,
                        std::size_t tokens, const std::string& backend) {
  auto options = options_of(recipe, tokens, backend);
  if (!options) return fail(options);
  return Side::place(model, devices, std::move(*options));
}

}  // namespace

Result<BisectReport> bisect(const BisectRecipe& recipe, const PluginSearch& search,
                            const Progress& progress) {
  const HostTable host(search.logger);
  ScanOptions scan = ScanOptions::standard();
  scan.files = search.files;
  const auto catalog = Catalog::scan(host, scan);
  if (!catalog) return fail(catalog);
  Devices devices(host, *catalog);
  const auto model = Model::open(recipe.model, host, *catalog);
  if (!model) return fail(model);
  const auto tokens = tokens_of(recipe, *model);
  if (!tokens) return fail(tokens);
  auto a = place_side(*model, devices, recipe, tokens->size(), recipe.a);
  if (!a) return fail(a);
  auto b = place_side(*model, devices, recipe, tokens->size(), recipe.b);
  if (!b) return fail(b);
  const auto shared = shared_values(*model, a->loaded(), host);
  if (!shared) return fail(shared);
  const Graph& graph = b->graph();
  const StepRules rules{recipe.single,
                        std::min(a->loaded().options.batch, b->loaded().options.batch),
                        graph.values[graph.inputs.at("block_table")].shape.dim[1],
                        a->loaded().kv_groups.size(), model->is_long(std::ssize(*tokens))};
  const std::vector<ModelStep> steps = make_steps(*tokens, rules);
  return Bisection(*model, devices, recipe, *shared, *a, *b, steps, progress).run();
}

}  // namespace tenon
