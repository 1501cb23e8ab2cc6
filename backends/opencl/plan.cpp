// Executions of a plan are ordered by the host, so its scratch and its step block are one.
#include "plan.hpp"

#include <algorithm>

#include "kv.hpp"

namespace tenon::opencl {
namespace {

using Source = gpu::Operand::Source;

constexpr uint64_t k_step_bytes = gpu::k_step_words * sizeof(uint32_t);
constexpr size_t k_late_constants = 24;

// The last argument of every kernel (ops/common.clh): the words of a dispatch, then where the data of
// each buffer ends, in words, because OpenCL has no lengths of arrays. Kernels of shared programs also
// have their constants there.
struct Push {
  std::array<uint32_t, gpu::k_push_words> words{};
  std::array<uint32_t, gpu::k_max_buffers> ends{};
  std::array<uint32_t, k_late_constants> constants{};
};
constexpr size_t k_without_constants = sizeof(Push) - sizeof(Push::constants);
static_assert(k_without_constants == 176);

}  // namespace

Plan::~Plan() {
  for (cl_kernel kernel : kernels_) gpu_.api().ReleaseKernel(kernel);
}

tn_status Plan::compile(Gpu& gpu, Memory& memory, Builds& builds, const tn_subgraph& graph,
                        const tn_compile_opts& opts, std::unique_ptr<Plan>& out) {
  auto made = std::make_unique<Plan>(gpu);
  gpu::Program& program = made->program_;
  tn_status status = gpu::compile(Target(gpu, memory, builds), graph, opts, program);
  if ((opts.flags & TN_COMPILE_SIZES) == 0) {
    if (status == TN_OK) status = builds.make(program.keys);
    if (status == TN_OK) status = made->make_kernels(builds);
    if (status == TN_OK) status = memory.allocate(k_step_bytes, made->step_);
    if (status == TN_OK && program.scratch_bytes > 0)
      status = memory.allocate(program.scratch_bytes, made->scratch_);
  }
  if (status == TN_OK) out = std::move(made);
  return status;
}

tn_status Plan::make_kernels(Builds& builds) {
  for (const gpu::Launch& launch : program_.launches) {
    cl_kernel kernel = nullptr;
    const tn_status status = builds.kernel(program_.keys[launch.key], kernel);
    if (status != TN_OK) return status;
    kernels_.push_back(kernel);
  }
  return TN_OK;
}

tn_plan_info Plan::info() const {
  return {sizeof(tn_plan_info), 0, gpu::aligned(program_.scratch_bytes) + k_step_bytes};
}

tn_status Plan::check(const Memory& memory, const tn_cmd_execute& e) const {
  const auto invalid = [&](const char* why) { return gpu_.refuse(TN_ERR_INVALID, why); };
  if (step_ == nullptr) return invalid("a plan of sizes cannot be executed");
  if (e.n_bindings < program_.binding_bytes.size()) return invalid("too few bindings");
  for (size_t i = 0; i < program_.binding_bytes.size(); ++i) {
    const tn_binding& binding = e.bindings[i];
    if (program_.binding_bytes[i] == 0) continue;
    if (binding.buffer == nullptr || !block(binding.buffer)->lies_in(memory))
      return invalid("a binding is missing, or of another device");
    if (binding.offset % gpu::k_alignment != 0 ||
        !block(binding.buffer)->holds(binding.offset, program_.binding_bytes[i]))
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

tn_status Plan::execute(const tn_cmd_execute& e, Job& job) {
  tn_status status = bind(e);
  if (status == TN_OK) status = write_step(e, job);
  if (e.node_ns != nullptr) std::fill_n(e.node_ns, program_.n_nodes, uint64_t{0});
  for (size_t i = 0; i < program_.launches.size() && status == TN_OK; ++i)
    status = launch(i, e, job);
  return status;
}

Plan::Place Plan::resolve(const gpu::Operand& operand, const tn_cmd_execute& e) const {
  Place place{nullptr, operand.offset, operand.bytes};
  const auto whole = [](const Block& pool) { return Place{pool.buffer(), 0, pool.size()}; };
  switch (operand.source) {
    case Source::binding: {
      const tn_binding& binding = e.bindings[operand.index];
      place.buffer = block(binding.buffer)->buffer();
      place.offset += binding.offset;
      break;
    }
    case Source::weight:
      place.buffer = weight(operand.weight)->part(place.offset).buffer();
      break;
    case Source::keys:
      return whole(*kv(e.kv)->find(operand.index)->keys);
    case Source::values:
      return whole(*kv(e.kv)->find(operand.index)->values);
    case Source::scratch:
      place.buffer = scratch_->buffer();
      break;
  }
  return place;
}

tn_status Plan::bind(const tn_cmd_execute& e) {
  wanted_.assign(1, e.kv != nullptr && !program_.states.empty() ? kv(e.kv)->id() : 0);
  for (size_t i = 0; i < program_.binding_bytes.size(); ++i) {
    const bool used = program_.binding_bytes[i] != 0;
    wanted_.push_back(used ? block(e.bindings[i].buffer)->id() : 0);
    wanted_.push_back(used ? e.bindings[i].offset : 0);
  }
  if (wanted_ == bound_) return TN_OK;
  bound_.clear();
  for (size_t i = 0; i < kernels_.size(); ++i)
    if (const tn_status status = bind_launch(kernels_[i], program_.launches[i], e); status != TN_OK)
      return status;
  bound_ = wanted_;
  return TN_OK;
}

tn_status Plan::bind_launch(cl_kernel kernel, const gpu::Launch& launch,
                            const tn_cmd_execute& e) const {
  const gpu::KernelKey& key = program_.keys[launch.key];
  const bool late = gpu_.physical().is_cpu && key.code.data == nullptr;  // packs have their own
  Push push{launch.push, {}, {}};
  if (late && key.constants.size() > push.constants.size())
    return gpu_.refuse(TN_ERR_INTERNAL, "a kernel has too many constants");
  if (late) std::copy(key.constants.begin(), key.constants.end(), push.constants.begin());
  cl_uint argument = 0;
  cl_int result = CL_SUCCESS;
  const auto set = [&](size_t size, const void* value) {
    if (result == CL_SUCCESS) result = gpu_.api().SetKernelArg(kernel, argument++, size, value);
  };
  const cl_mem step = step_->buffer();
  set(sizeof step, &step);
  for (size_t i = 0; i < launch.operands.size(); ++i) {
    const Place place = resolve(launch.operands[i], e);
    set(sizeof place.buffer, &place.buffer);
    push.words[i] = static_cast<uint32_t>(place.offset / 4);
    push.ends[i] = static_cast<uint32_t>((place.offset + place.bytes) / 4);
  }
  set(late ? sizeof push : k_without_constants, &push);
  return gpu_.check_made(result, key.kernel.c_str());
}

tn_status Plan::write_step(const tn_cmd_execute& e, Job& job) const {
  Job::StepBlock& words = job.add_step();
  words.fill(0);
  for (uint32_t i = 0; i < std::min<uint32_t>(e.n_syms, 16); ++i)
    words[i] = static_cast<uint32_t>(e.syms[i]);
  return gpu_.check(gpu_.api().EnqueueWriteBuffer(gpu_.queue(), step_->buffer(), CL_FALSE, 0,
                                                  k_step_bytes, words.data(), 0, nullptr, nullptr),
                    "the step block");
}

tn_status Plan::launch(size_t i, const tn_cmd_execute& e, Job& job) const {
  const gpu::Launch& launched = program_.launches[i];
  const std::array<uint32_t, 3> groups = gpu::groups_of(program_, launched, e.syms, e.n_syms);
  if (std::find(groups.begin(), groups.end(), 0u) != groups.end()) return TN_OK;
  std::array<size_t, 3> global{}, local{};
  for (size_t axis = 0; axis < 3; ++axis) {
    local[axis] = launched.local[axis];
    global[axis] = groups[axis] * local[axis];
  }
  cl_event event = nullptr;
  const cl_int result = gpu_.api().EnqueueNDRangeKernel(gpu_.queue(), kernels_[i], 3, nullptr,
                                                        global.data(), local.data(), 0, nullptr,
                                                        e.node_ns != nullptr ? &event : nullptr);
  if (event != nullptr) job.add_time(event, e.node_ns + launched.node);
  return gpu_.check(result, program_.keys[launched.key].kernel.c_str());
}

}  // namespace tenon::opencl
