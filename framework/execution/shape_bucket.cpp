// Compiling the partitions of a variant, and running them in order with their copies.
#include "framework/execution/shape_bucket.hpp"

#include <algorithm>
#include <set>

#include "framework/execution/subgraph.hpp"
#include "framework/placement/abi_graph.hpp"

namespace tenon {
namespace {

std::vector<ArenaRules> arena_rules(const GraphContext& context) {
  std::vector<ArenaRules> rules;
  for (const Target& t : context.targets)
    rules.push_back(
        {t.device.host_memory(), t.device.limits().alignment, t.device.limits().max_alloc});
  return rules;
}

std::uint64_t scratch_of(const Device& device, const OwnedPlan& plan) {
  tn_plan_info info{};
  info.struct_size = sizeof(info);
  const bool known = device.api().plan_info(device.handle(), plan.get(), &info) == TN_OK;
  return known ? info.scratch_bytes : 0;
}

// What crosses to another device is always read, logits and the results of a tail for whom asks.
std::optional<Results> read_for(const GraphContext& context, const Partition& maker, ValueId v) {
  for (const Partition& p : context.partitions)
    if (std::ranges::count(p.copies_in, v) > 0) return std::nullopt;
  const auto logits = context.graph.outputs.find("logits");
  const bool is_logits =
      logits != context.graph.outputs.end() && context.graph.root_of(logits->second) == v;
  return is_logits ? Results::logits : maker.only_for;
}

template <class Cmd>
const tn_cmd* head(const Cmd& cmd) {
  return &cmd.head;
}

}  // namespace

ShapeBucket::ShapeBucket(const GraphContext& context, const Extents& bounds)
    : bounds_(bounds),
      memory_(plan_memory(context.graph, context.placement, context.partitions,
                          arena_rules(context), bounds)) {}

Status ShapeBucket::ask_sizes(const GraphContext& context) {
  scratch_.assign(context.targets.size(), 0);
  for (const Partition& partition : context.partitions) {
    const auto plan = compile_partition(context, partition, TN_COMPILE_SIZES);
    if (plan) {
      scratch_[partition.device] += scratch_of(context.targets[partition.device].device, *plan);
    } else if (plan.error().code() != ErrorCode::unavailable) {
      return fail(plan);
    }
  }
  return {};
}

Status ShapeBucket::compile(GraphContext& context) {
  scratch_.assign(context.targets.size(), 0);
  for (const Partition& partition : context.partitions) {
    auto plan = compile_partition(context, partition, 0);
    if (!plan) return fail(plan);
    scratch_[partition.device] += scratch_of(context.targets[partition.device].device, *plan);
    parts_.emplace_back().plan = plan->get();
    context.plans.push_back(std::move(*plan));
  }
  plan_transfers(context);
  plan_waits(context);
  return {};
}

Result<OwnedPlan> ShapeBucket::compile_partition(const GraphContext& context,
                                                 const Partition& partition,
                                                 std::uint32_t flags) const {
  const Device& device = context.targets[partition.device].device;
  const Subgraph subgraph(context, partition, memory_.devices[partition.device], bounds_, kernels_);
  const tn_compile_opts opts{sizeof(opts), flags, TN_SYM_COUNT, 0, bounds_.data()};
  tn_plan* plan = nullptr;
  device.host().take_error();
  const tn_status status = device.api().compile(device.handle(), &subgraph.get(), &opts, &plan);
  if (status != TN_OK || plan == nullptr)
    return tl::unexpected(
        device.error(status != TN_OK ? status : TN_ERR_INTERNAL, "compile failed"));
  return OwnedPlan(device, plan);
}

void ShapeBucket::plan_transfers(const GraphContext& context) {
  const auto staging = static_cast<std::uint32_t>(context.targets.size());
  std::set<std::pair<std::uint32_t, std::optional<Results>>> started;
  std::size_t writes = 0, reads = 0, most_blocks = 0;
  for (std::size_t s = 0; s < parts_.size(); ++s) {
    const Partition& partition = context.partitions[s];
    const bool host = context.targets[partition.device].device.host_memory();
    Part& part = parts_[s];
    for (const ValueId v : partition.copies_in) part.writes.push_back({v, source_.at(v)});
    for (const ValueId v : partition.kept) {
      source_[v] = host ? partition.device : staging;
      if (memory_.staging.places.contains(v))
        part.reads.push_back({v, read_for(context, partition, v)});
    }
    if (started.insert({partition.device, partition.only_for}).second)
      part.host_inputs =
          inputs_of(context.graph, context.placement, partition.device, partition.only_for);
    writes += part.writes.size() + part.host_inputs.size();
    reads += part.reads.size();
    most_blocks = std::max(most_blocks, memory_.devices[partition.device].blocks.size());
  }
  writes_.reserve(writes);
  executes_.reserve(parts_.size());
  reads_.reserve(reads);
  cmds_.reserve(writes + parts_.size() + reads);
  bindings_.reserve(most_blocks);
}

// Copies between devices go through host memory, whose bytes a WRITE needs when it is submitted and
// until it has ended. So a partition waits for the makers of what it copies in, and for whoever may
// still read the host memory that it is about to change.
void ShapeBucket::plan_waits(const GraphContext& context) {
  const auto staging = static_cast<std::uint32_t>(context.targets.size());
  std::map<ValueId, std::uint32_t> maker;
  std::vector<bool> pending(staging, false);
  std::vector<std::set<std::uint32_t>> reading(staging);  // per target: what its writes copy from
  for (std::size_t s = 0; s < parts_.size(); ++s) {
    const Partition& partition = context.partitions[s];
    const std::uint32_t device = partition.device;
    Part& part = parts_[s];
    std::set<std::uint32_t> waits;
    for (const Transfer& t : part.writes) waits.insert(maker.at(t.value));
    for (std::uint32_t other = 0; other < staging; ++other)
      if (reading[other].contains(device) ||
          (!part.reads.empty() && reading[other].contains(staging)))
        waits.insert(other);
    waits.erase(device);  // its queue is in order
    for (const std::uint32_t w : waits) {
      if (!pending[w]) continue;
      part.waits.push_back(w);
      pending[w] = false;
      reading[w].clear();
    }
    pending[device] = true;
    for (const Transfer& t : part.writes) reading[device].insert(t.from);
    for (const ValueId v : partition.kept) maker[v] = device;
  }
}

std::byte* ShapeBucket::host_address(const GraphContext& context, std::uint32_t target,
                                     ValueId value) const {
  if (target == context.targets.size())
    return const_cast<std::byte*>(context.staging.data()) + memory_.staging.places.at(value).offset;
  const ArenaPlace place = memory_.devices[target].places.at(value);
  return context.arenas[target][place.block].mapped + place.offset;
}

Status ShapeBucket::run(GraphContext& context, const Extents& extents, const StepInputs& inputs,
                        const std::uint32_t* cancel, Results results) {
  bytes_read_ = 0;
  Status done = run_parts(context, extents, inputs, cancel, results);
  for (DeviceQueue& queue : context.queues) {
    const Status ended = queue.wait();
    if (done) done = ended;
  }
  return done;
}

// A tail is on the device of the part before it, and goes along with it.
Status ShapeBucket::run_parts(GraphContext& context, const Extents& extents,
                              const StepInputs& inputs, const std::uint32_t* cancel,
                              Results results) {
  const auto of_tail = [&](std::size_t s) {
    return s < parts_.size() && context.partitions[s].only_for;
  };
  for (std::size_t s = 0; s < parts_.size() && !of_tail(s); ++s) {
    for (const std::uint32_t target : parts_[s].waits)
      if (Status status = context.queues[target].wait(); !status) return status;
    writes_.clear();
    executes_.clear();
    reads_.clear();
    bindings_.clear();
    Status added = add_part(context, s, extents, inputs, results);
    for (std::size_t t = s + 1; added && of_tail(t); ++t)
      if (context.partitions[t].only_for == results)
        added = add_part(context, t, extents, inputs, results);
    if (!added) return added;
    if (Status status = submit(context, context.partitions[s].device, cancel); !status)
      return status;
  }
  return {};
}

void ShapeBucket::add_write(const GraphContext& context, std::uint32_t target, ValueId value,
                            const void* from, std::uint64_t bytes) {
  const ArenaPlace place = memory_.devices[target].places.at(value);
  if (bytes > 0)
    writes_.push_back({{sizeof(tn_cmd_write), TN_CMD_WRITE},
                       from,
                       context.arenas[target][place.block].handle.get(),
                       place.offset,
                       bytes});
}

Status ShapeBucket::add_inputs(const GraphContext& context, const Part& part, std::uint32_t target,
                               const Extents& extents, const StepInputs& inputs) {
  for (const ValueId v : part.host_inputs) {
    const Value& value = context.graph.values[v];
    const auto data = inputs.find(value.name);
    if (data == inputs.end())
      return fail(ErrorCode::failed, "the step lacks the input " + value.name);
    if (data->second.size_bytes() != byte_size(value, extents))
      return fail(ErrorCode::failed,
                  "the step has too much or too little of the input " + value.name);
    add_write(context, target, v, data->second.data(), data->second.size_bytes());
  }
  return {};
}

void ShapeBucket::add_read(const GraphContext& context, std::uint32_t target, ValueId value,
                           const Extents& extents) {
  const auto staging = static_cast<std::uint32_t>(context.targets.size());
  const ArenaPlace place = memory_.devices[target].places.at(value);
  const std::uint64_t bytes = byte_size(context.graph.values[value], extents);
  if (bytes > 0)
    reads_.push_back({{sizeof(tn_cmd_read), TN_CMD_READ},
                      context.arenas[target][place.block].handle.get(),
                      place.offset,
                      bytes,
                      host_address(context, staging, value)});
  bytes_read_ += bytes;
}

Status ShapeBucket::add_part(const GraphContext& context, std::size_t s, const Extents& extents,
                             const StepInputs& inputs, Results results) {
  const std::uint32_t target = context.partitions[s].device;
  const Part& part = parts_[s];
  if (Status status = add_inputs(context, part, target, extents, inputs); !status) return status;
  for (const Transfer& t : part.writes)
    add_write(context, target, t.value, host_address(context, t.from, t.value),
              byte_size(context.graph.values[t.value], extents));
  for (const Read& read : part.reads)
    if (!read.only_for || read.only_for == results) add_read(context, target, read.value, extents);
  executes_.push_back({{sizeof(tn_cmd_execute), TN_CMD_EXECUTE},
                       part.plan,
                       context.kv[target].get(),
                       bindings_.data(),
                       extents.data(),
                       static_cast<std::uint32_t>(memory_.devices[target].blocks.size()),
                       TN_SYM_COUNT,
                       nullptr});
  return {};
}

Status ShapeBucket::submit(GraphContext& context, std::uint32_t target,
                           const std::uint32_t* cancel) {
  for (std::size_t b = 0; b < memory_.devices[target].blocks.size(); ++b)
    bindings_.push_back({context.arenas[target][b].handle.get(), 0});
  cmds_.clear();
  for (const auto& w : writes_) cmds_.push_back(head(w));
  for (const auto& e : executes_) cmds_.push_back(head(e));
  for (const auto& r : reads_) cmds_.push_back(head(r));
  return context.queues[target].submit(cmds_, cancel);
}

const std::byte* ShapeBucket::find_output(const GraphContext& context,
                                          std::string_view role) const {
  const auto found = context.graph.outputs.find(std::string(role));
  if (found == context.graph.outputs.end()) return nullptr;
  const ValueId root = context.graph.root_of(found->second);
  return host_address(context, source_.at(root), root) + context.graph.values[found->second].offset;
}

}  // namespace tenon
