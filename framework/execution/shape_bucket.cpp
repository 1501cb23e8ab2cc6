// Compiling the partitions of a variant, and running them in order with their copies.
#include "framework/execution/shape_bucket.hpp"

#include <algorithm>
#include <cstring>

#include "framework/execution/subgraph.hpp"
#include "framework/placement/abi_graph.hpp"

namespace tenon {
namespace {

std::vector<bool> host_memory(const GraphContext& context) {
  std::vector<bool> host;
  for (const Target& t : context.targets) host.push_back(t.device.host_memory());
  return host;
}

template <class Cmd>
const tn_cmd* head(const Cmd& cmd) {
  return &cmd.head;
}

}  // namespace

ShapeBucket::ShapeBucket(const GraphContext& context, const Extents& bounds)
    : bounds_(bounds),
      memory_(plan_memory(context.graph, context.placement, context.partitions,
                          host_memory(context), bounds)) {}

Status ShapeBucket::compile(const GraphContext& context) {
  for (const Partition& partition : context.partitions) {
    auto plan = compile_partition(context, partition);
    if (!plan) return fail(plan);
    parts_.push_back({std::move(*plan), {}, {}, {}});
  }
  plan_transfers(context);
  return {};
}

Result<OwnedPlan> ShapeBucket::compile_partition(const GraphContext& context,
                                                 const Partition& partition) {
  const Device& device = context.targets[partition.device].device;
  const Subgraph subgraph(context, partition, memory_.devices[partition.device], bounds_);
  const tn_compile_opts opts{sizeof(opts), 0, TN_SYM_COUNT, 0, bounds_.data()};
  tn_plan* plan = nullptr;
  device.host().take_error();
  const tn_status status = device.api().compile(device.handle(), &subgraph.get(), &opts, &plan);
  if (status != TN_OK || plan == nullptr)
    return tl::unexpected(
        device.error(status != TN_OK ? status : TN_ERR_INTERNAL, "compile failed"));
  OwnedPlan owned(device, plan);
  tn_plan_info info{};
  info.struct_size = sizeof(info);
  if (device.api().plan_info(device.handle(), plan, &info) == TN_OK)
    scratch_bytes_ += info.scratch_bytes;
  return owned;
}

void ShapeBucket::plan_transfers(const GraphContext& context) {
  const auto staging = static_cast<std::uint32_t>(context.targets.size());
  std::vector<bool> started(context.targets.size(), false);
  std::size_t most_writes = 0, most_reads = 0;
  for (std::size_t s = 0; s < parts_.size(); ++s) {
    const Partition& partition = context.partitions[s];
    const bool host = context.targets[partition.device].device.host_memory();
    Part& part = parts_[s];
    for (const ValueId v : partition.copies_in)
      part.writes.push_back({v, source_.at(v), partition.device});
    for (const ValueId v : partition.kept) {
      source_[v] = host ? partition.device : staging;
      if (memory_.staging.offset.contains(v)) part.reads.push_back(v);
    }
    if (!started[partition.device])
      part.host_inputs = inputs_of(context.graph, context.placement, partition.device);
    started[partition.device] = true;
    most_writes = std::max(most_writes, part.writes.size() + part.host_inputs.size());
    most_reads = std::max(most_reads, part.reads.size());
  }
  writes_.reserve(most_writes);
  reads_.reserve(most_reads);
  cmds_.reserve(most_writes + most_reads + 1);
}

std::byte* ShapeBucket::host_address(const GraphContext& context, std::uint32_t target,
                                     ValueId value) const {
  if (target < context.targets.size())
    return context.arenas[target].mapped + memory_.devices[target].offset.at(value);
  return const_cast<std::byte*>(context.staging.data()) + memory_.staging.offset.at(value);
}

Status ShapeBucket::run(GraphContext& context, const Extents& extents, const StepInputs& inputs,
                        const std::uint32_t* cancel) {
  for (std::size_t s = 0; s < parts_.size(); ++s)
    if (Status status = submit(context, s, extents, inputs, cancel); !status) return status;
  return {};
}

Status ShapeBucket::submit(GraphContext& context, std::size_t s, const Extents& extents,
                           const StepInputs& inputs, const std::uint32_t* cancel) {
  const Partition& partition = context.partitions[s];
  const Part& part = parts_[s];
  const Arena& arena = memory_.devices[partition.device];
  tn_buffer* buffer = context.arenas[partition.device].handle.get();
  writes_.clear();
  reads_.clear();
  cmds_.clear();
  for (const ValueId v : part.host_inputs) {
    const auto data = inputs.find(context.graph.values[v].name);
    if (data == inputs.end())
      return fail(ErrorCode::failed, "the step lacks the input " + context.graph.values[v].name);
    if (data->second.size_bytes() != byte_size(context.graph.values[v], extents))
      return fail(ErrorCode::failed, "the step has too much or too little of the input " +
                                         context.graph.values[v].name);
    writes_.push_back({{sizeof(tn_cmd_write), TN_CMD_WRITE},
                       data->second.data(),
                       buffer,
                       arena.offset.at(v),
                       data->second.size_bytes()});
  }
  for (const Transfer& t : part.writes)
    writes_.push_back({{sizeof(tn_cmd_write), TN_CMD_WRITE},
                       host_address(context, t.from, t.value),
                       buffer,
                       arena.offset.at(t.value),
                       byte_size(context.graph.values[t.value], extents)});
  for (const ValueId v : part.reads)
    reads_.push_back(
        {{sizeof(tn_cmd_read), TN_CMD_READ},
         buffer,
         arena.offset.at(v),
         byte_size(context.graph.values[v], extents),
         host_address(context, static_cast<std::uint32_t>(context.targets.size()), v)});
  const tn_binding binding{buffer, 0};
  const tn_cmd_execute execute{{sizeof(tn_cmd_execute), TN_CMD_EXECUTE},
                               part.plan.get(),
                               context.kv[partition.device].get(),
                               &binding,
                               extents.data(),
                               1,
                               TN_SYM_COUNT,
                               nullptr};
  for (const auto& w : writes_)
    if (w.size > 0) cmds_.push_back(head(w));
  cmds_.push_back(head(execute));
  for (const auto& r : reads_)
    if (r.size > 0) cmds_.push_back(head(r));
  DeviceQueue& queue = context.queues[partition.device];
  if (Status status = queue.submit(cmds_, cancel); !status) return status;
  return queue.wait();
}

const float* ShapeBucket::output(const GraphContext& context, std::string_view role) const {
  const auto found = context.graph.outputs.find(std::string(role));
  if (found == context.graph.outputs.end()) return nullptr;
  const ValueId root = context.graph.root_of(found->second);
  const std::byte* base = host_address(context, source_.at(root), root);
  return reinterpret_cast<const float*>(base + context.graph.values[found->second].offset);
}

}  // namespace tenon
