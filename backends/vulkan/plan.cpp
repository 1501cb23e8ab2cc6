// Executions of a plan are ordered by the host, so its scratch and its step block are one.
#include "plan.hpp"

#include <algorithm>

#include "kv.hpp"
#include "target.hpp"

namespace tenon::vulkan {
namespace {

constexpr size_t k_most_recordings = 16;

}  // namespace

tn_status Plan::compile(Gpu& gpu, Memory& memory, Pipelines& pipelines, const tn_subgraph& graph,
                        const tn_compile_opts& opts, std::unique_ptr<Plan>& out) {
  auto made = std::make_unique<Plan>(gpu, pipelines);
  gpu::Program& program = made->program_;
  tn_status status = gpu::compile(Target(gpu, memory, pipelines), graph, opts, program);
  if (status == TN_OK && (opts.flags & TN_COMPILE_SIZES) != 0) return out = std::move(made), status;
  if (status == TN_OK) status = pipelines.make(program.keys);
  if (status == TN_OK) status = memory.allocate(made->step_bytes(), Use::device, made->step_);
  if (status == TN_OK && program.scratch_bytes > 0)
    status = memory.allocate(program.scratch_bytes, Use::device, made->scratch_);
  made->step_words_.resize(made->step_bytes() / 4);
  if (status == TN_OK) out = std::move(made);
  return status;
}

tn_plan_info Plan::info() const {
  const uint64_t scratch = gpu::aligned(program_.scratch_bytes);
  return {sizeof(tn_plan_info), 0, scratch + gpu::aligned(step_bytes())};
}

tn_status Plan::check(const Memory& memory, const tn_cmd_execute& e) const {
  const auto invalid = [&](const char* why) { return gpu_.refuse(TN_ERR_INVALID, why); };
  if (step_ == nullptr) return invalid("a plan of sizes cannot be executed");
  if (e.n_bindings < program_.binding_bytes.size()) return invalid("too few bindings");
  for (size_t i = 0; i < program_.binding_bytes.size(); ++i) {
    const tn_binding& binding = e.bindings[i];
    if (program_.binding_bytes[i] == 0) continue;
    if (binding.buffer == nullptr || !range(binding.buffer)->lies_in(memory))
      return invalid("a binding is missing, or of another device");
    if (binding.offset % gpu::k_alignment != 0 ||
        !range(binding.buffer)->holds(binding.offset, program_.binding_bytes[i]))
      return invalid("a binding is too small, or not at 256 bytes");
  }
  for (size_t sym = 0; sym < program_.bounds.size(); ++sym) {
    if (program_.bounds[sym] < 0) continue;
    if (sym >= e.n_syms || e.syms[sym] < 0 || e.syms[sym] > program_.bounds[sym])
      return invalid("an extent is missing or out of its bound");
  }
  for (const gpu::Program::State& state : program_.states)
    if (e.kv == nullptr || !kv(e.kv)->lies_in(memory) || !kv(e.kv)->matches(state))
      return invalid("the cache of this execution lacks a state");
  return TN_OK;
}

void Plan::fill_step(const tn_cmd_execute& e) {
  std::fill(step_words_.begin(), step_words_.end(), 0u);
  for (uint32_t i = 0; i < std::min<uint32_t>(e.n_syms, 16); ++i)
    step_words_[i] = static_cast<uint32_t>(e.syms[i]);
  for (size_t i = 0; i < program_.grids.size(); ++i) {
    const std::array<uint32_t, 3> groups = gpu::groups_of(program_.grids[i], e.syms, e.n_syms);
    std::copy(groups.begin(), groups.end(),
              step_words_.begin() + static_cast<ptrdiff_t>(gpu::k_step_words + 4 * i));
  }
}

tn_status Plan::execute(const tn_cmd_execute& e, Recorder& recorder) {
  Recording* recording = nullptr;
  if (const tn_status status = find_recording(e, recording); status != TN_OK) return status;
  fill_step(e);
  recorder.write(step_words_.data(), {step_->buffer(), step_->offset(), step_bytes()});
  recorder.run(recording->parts(), pace_, recording->times() == VK_NULL_HANDLE);
  if (recording->times() != VK_NULL_HANDLE)
    recorder.read_times(recording->times(), program_.n_nodes, e.node_ns);
  return TN_OK;
}

tn_status Plan::find_recording(const tn_cmd_execute& e, Recording*& out) {
  key_.timed =
      e.node_ns != nullptr && gpu_.physical().timestamp_ns != 0 && !program_.launches.empty();
  key_.words.assign(1, e.kv != nullptr && !program_.states.empty() ? kv(e.kv)->id() : 0);
  for (size_t i = 0; i < program_.binding_bytes.size(); ++i) {
    const bool used = program_.binding_bytes[i] != 0;
    key_.words.push_back(used ? range(e.bindings[i].buffer)->id() : 0);
    key_.words.push_back(used ? e.bindings[i].offset : 0);
  }
  if (pace_.adapt()) recordings_.clear();
  for (const auto& recording : recordings_)
    if (recording->key() == key_) return out = recording.get(), TN_OK;
  if (recordings_.size() >= k_most_recordings && pace_.idle())
    recordings_.erase(recordings_.begin());
  const tn_kv* cache = program_.states.empty() ? nullptr : e.kv;
  const Recording::Memories memories{e.bindings, cache != nullptr ? kv(e.kv) : nullptr,
                                     scratch_.get(), step_.get(), key_.timed ? nullptr : &pace_};
  std::unique_ptr<Recording> made;
  const tn_status status = Recording::make(gpu_, pipelines_, program_, memories, key_, made);
  if (status != TN_OK) return status;
  out = recordings_.emplace_back(std::move(made)).get();
  return TN_OK;
}

}  // namespace tenon::vulkan
