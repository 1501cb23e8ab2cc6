// Barriers stand between groups only; in a timed recording each launch is a group of its own.
#include "recording.hpp"

#include <algorithm>

#include "kv.hpp"
#include "weight.hpp"

namespace tenon::vulkan {

tn_status Recording::make(Gpu& gpu, const Pipelines& pipelines, const gpu::Program& program,
                          const Memories& memories, Key key, std::unique_ptr<Recording>& out) {
  auto made = std::make_unique<Recording>(gpu, std::move(key));
  tn_status status = made->create(program);
  if (status == TN_OK) status = made->record(pipelines, program, memories);
  if (status == TN_OK) out = std::move(made);
  return status;
}

Recording::~Recording() {
  const DeviceApi& api = gpu_.api();
  api.DestroyQueryPool(gpu_.handle(), times_, nullptr);
  api.DestroyCommandPool(gpu_.handle(), pool_, nullptr);
  api.DestroyDescriptorPool(gpu_.handle(), sets_, nullptr);
}

tn_status Recording::create(const gpu::Program& program) {
  const DeviceApi& api = gpu_.api();
  VkCommandPoolCreateInfo pool{};
  pool.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO;
  pool.queueFamilyIndex = gpu_.physical().family;
  tn_status status =
      gpu_.check(api.CreateCommandPool(gpu_.handle(), &pool, nullptr, &pool_), "a command pool");
  if (status != TN_OK) return status;
  if (program.launches.empty()) return status;
  const auto n_sets = static_cast<uint32_t>(program.launches.size());
  VkDescriptorPoolSize size{VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, n_sets * gpu::k_max_buffers};
  VkDescriptorPoolCreateInfo sets{};
  sets.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO;
  sets.maxSets = n_sets;
  sets.poolSizeCount = 1;
  sets.pPoolSizes = &size;
  status = gpu_.check(api.CreateDescriptorPool(gpu_.handle(), &sets, nullptr, &sets_),
                      "descriptor sets");
  if (status != TN_OK || !key_.timed) return status;
  VkQueryPoolCreateInfo times{};
  times.sType = VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO;
  times.queryType = VK_QUERY_TYPE_TIMESTAMP;
  times.queryCount = program.n_nodes + 1;
  return gpu_.check(api.CreateQueryPool(gpu_.handle(), &times, nullptr, &times_), "timestamps");
}

tn_status Recording::record(const Pipelines& pipelines, const gpu::Program& program,
                            const Memories& memories) {
  std::vector<Bound> bound(program.launches.size());
  tn_status status = bind(pipelines, program, memories, bound);
  if (status != TN_OK) return status;
  const Groups groups = plan_groups(program, bound);
  const auto n_groups = static_cast<uint32_t>(groups.size());
  const std::vector<uint32_t> begins =
      memories.pace != nullptr ? memories.pace->begins(n_groups) : std::vector<uint32_t>{0};
  VkCommandBufferAllocateInfo commands{};
  commands.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO;
  commands.commandPool = pool_;
  commands.level = VK_COMMAND_BUFFER_LEVEL_PRIMARY;
  commands.commandBufferCount = static_cast<uint32_t>(begins.size());
  parts_.resize(begins.size());
  status = gpu_.check(gpu_.api().AllocateCommandBuffers(gpu_.handle(), &commands, parts_.data()),
                      "a command buffer");
  for (size_t part = 0; status == TN_OK && part < parts_.size(); ++part) {
    const uint32_t end = part + 1 < begins.size() ? begins[part + 1] : n_groups;
    status = begin_part(part);
    if (status == TN_OK && part == 0 && timed())
      gpu_.api().CmdResetQueryPool(commands_, times_, 0, program.n_nodes + 1);
    for (uint32_t g = begins[part]; status == TN_OK && g < end; ++g) {
      if (g > 0) barrier();
      for (const uint32_t i : groups[g]) {
        if (timed()) mark_time(program.launches[i].node);
        dispatch(pipelines, program, program.launches[i], *memories.step, bound[i]);
      }
    }
    if (status == TN_OK && part + 1 == parts_.size() && timed()) {
      barrier();
      mark_time(program.n_nodes);
    }
    if (status == TN_OK) status = gpu_.check(gpu_.api().EndCommandBuffer(commands_), "a recording");
  }
  return status;
}

// Replayed while an earlier replay may still run: barriers order them.
tn_status Recording::begin_part(size_t number) {
  commands_ = parts_[number];
  VkCommandBufferBeginInfo begin{};
  begin.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO;
  begin.flags = VK_COMMAND_BUFFER_USAGE_SIMULTANEOUS_USE_BIT;
  return gpu_.check(gpu_.api().BeginCommandBuffer(commands_, &begin), "a recording");
}

Groups Recording::plan_groups(const gpu::Program& program, std::span<const Bound> bound) const {
  Groups groups;
  if (timed()) {
    for (uint32_t i = 0; i < bound.size(); ++i) groups.push_back({i});
    return groups;
  }
  std::vector<std::vector<Access>> accesses;
  for (const Bound& b : bound) accesses.push_back(b.accesses);
  groups = group(accesses);
  const Adversary& adversary = gpu_.requests().adversary;
  if (!adversary.active()) return groups;
  adversary.arrange(groups);
  std::vector<std::string> names;
  for (const gpu::Launch& launch : program.launches) names.push_back(program.names[launch.node]);
  const std::string text = adversary.describe(groups, names);
  if (!text.empty()) gpu_.host()->log(gpu_.host()->ctx, TN_LOG_INFO, "vulkan", text.c_str());
  return groups;
}

void Recording::dispatch(const Pipelines& pipelines, const gpu::Program& program,
                         const gpu::Launch& launch, const Range& step, const Bound& bound) {
  const DeviceApi& api = gpu_.api();
  const gpu::KernelKey& key = program.keys[launch.key];
  api.CmdBindPipeline(commands_, VK_PIPELINE_BIND_POINT_COMPUTE, pipelines.find(key));
  api.CmdBindDescriptorSets(commands_, VK_PIPELINE_BIND_POINT_COMPUTE, pipelines.layout(), 0, 1,
                            &bound.set, 0, nullptr);
  api.CmdPushConstants(commands_, pipelines.layout(), VK_SHADER_STAGE_COMPUTE_BIT, 0,
                       sizeof bound.push, bound.push.data());
  if (launch.grid == TN_NONE)
    api.CmdDispatch(commands_, launch.groups[0], launch.groups[1], launch.groups[2]);
  else
    api.CmdDispatchIndirect(commands_, step.buffer(),
                            step.offset() + gpu::k_step_words * 4 + launch.grid * 16);
}

tn_status Recording::bind(const Pipelines& pipelines, const gpu::Program& program,
                          const Memories& memories, std::vector<Bound>& out) const {
  if (out.empty()) return TN_OK;
  std::vector<VkDescriptorSet> sets(out.size());
  const std::vector<VkDescriptorSetLayout> layouts(sets.size(), pipelines.set_layout());
  VkDescriptorSetAllocateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO;
  info.descriptorPool = sets_;
  info.descriptorSetCount = static_cast<uint32_t>(sets.size());
  info.pSetLayouts = layouts.data();
  const tn_status status = gpu_.check(
      gpu_.api().AllocateDescriptorSets(gpu_.handle(), &info, sets.data()), "descriptor sets");
  for (size_t i = 0; status == TN_OK && i < out.size(); ++i) {
    out[i].set = sets[i];
    bind(program.launches[i], memories, out[i]);
  }
  return status;
}

// Descriptors begin at aligned offsets; the rest of an offset reaches the kernel as words.
void Recording::bind(const gpu::Launch& launch, const Memories& memories, Bound& out) const {
  std::array<VkDescriptorBufferInfo, gpu::k_max_buffers> infos{};
  std::array<VkWriteDescriptorSet, gpu::k_max_buffers> writes{};
  uint32_t n = 0;  // bound buffers: those that share the range of another come last
  std::array<Place, gpu::k_max_buffers> places{}, ranges{};
  out.push = launch.push;
  infos[0] = {memories.step->buffer(), memories.step->offset(), gpu::k_step_words * 4};
  for (uint32_t i = 0; i < launch.operands.size(); ++i) {
    const gpu::Operand& operand = launch.operands[i];
    places[i] = ranges[i] = resolve(operand, memories);
    if (operand.shares >= 0)
      widen(ranges[static_cast<uint32_t>(operand.shares)], places[i]);
    else
      ++n;
    if (operand.source != gpu::Operand::Source::weight)
      out.accesses.push_back({reinterpret_cast<uint64_t>(places[i].buffer), places[i].offset,
                              places[i].offset + places[i].bytes, operand.writes});
  }
  for (uint32_t i = 0; i < launch.operands.size(); ++i) {
    const int32_t shares = launch.operands[i].shares;
    const Place& range = ranges[shares >= 0 ? static_cast<uint32_t>(shares) : i];
    const uint64_t before = range.offset % gpu::k_alignment;
    out.push[i] = static_cast<uint32_t>((places[i].offset - range.offset + before) / 4);
    if (shares < 0) infos[i + 1] = {range.buffer, range.offset - before, before + range.bytes};
  }
  for (uint32_t i = 0; i <= n; ++i) {
    writes[i].sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET;
    writes[i].dstSet = out.set;
    writes[i].dstBinding = i;
    writes[i].descriptorCount = 1;
    writes[i].descriptorType = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
    writes[i].pBufferInfo = &infos[i];
  }
  gpu_.api().UpdateDescriptorSets(gpu_.handle(), n + 1, writes.data(), 0, nullptr);
}

// Reaches over another place of the same buffer.
void Recording::widen(Place& range, const Place& place) {
  const uint64_t end = std::max(range.offset + range.bytes, place.offset + place.bytes);
  range.offset = std::min(range.offset, place.offset);
  range.bytes = end - range.offset;
}

Recording::Place Recording::resolve(const gpu::Operand& operand, const Memories& memories) {
  using Source = gpu::Operand::Source;
  const auto in = [&](const Range& range, uint64_t offset, uint64_t bytes) {
    return Place{range.buffer(), range.offset() + offset, bytes};
  };
  switch (operand.source) {
    case Source::weight:
      return in(weight(operand.weight)->range(), operand.offset, operand.bytes);
    case Source::scratch:
      return in(*memories.scratch, operand.offset, operand.bytes);
    case Source::keys:
    case Source::values: {
      const Kv::State& state = *memories.kv->find(operand.index);
      const Range& pool = operand.source == Source::keys ? *state.keys : *state.values;
      return in(pool, 0, pool.size());
    }
    case Source::binding:
      break;
  }
  const tn_binding& binding = memories.bindings[operand.index];
  return in(*range(binding.buffer), binding.offset + operand.offset, operand.bytes);
}

void Recording::barrier() {
  VkMemoryBarrier2 all{};
  all.sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER_2;
  all.srcStageMask = all.dstStageMask = VK_PIPELINE_STAGE_2_COMPUTE_SHADER_BIT;
  all.srcAccessMask = VK_ACCESS_2_SHADER_STORAGE_WRITE_BIT;
  all.dstAccessMask = VK_ACCESS_2_SHADER_STORAGE_READ_BIT | VK_ACCESS_2_SHADER_STORAGE_WRITE_BIT;
  VkDependencyInfo info{};
  info.sType = VK_STRUCTURE_TYPE_DEPENDENCY_INFO;
  info.memoryBarrierCount = 1;
  info.pMemoryBarriers = &all;
  gpu_.api().CmdPipelineBarrier2(commands_, &info);
}

// Timestamps up to the one before `node`: nodes without a launch of their own take no time.
void Recording::mark_time(uint32_t node) {
  for (; n_marked_ <= node; ++n_marked_)
    gpu_.api().CmdWriteTimestamp2(commands_, VK_PIPELINE_STAGE_2_COMPUTE_SHADER_BIT, times_,
                                  n_marked_);
}

}  // namespace tenon::vulkan
