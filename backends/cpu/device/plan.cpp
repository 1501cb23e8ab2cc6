// Plan: execution. Nothing here allocates: vectors have their size since compile.
#include "backends/cpu/device/plan.hpp"

#include <algorithm>
#include <cinttypes>
#include <cstring>
#include <tenon/sdk/device.hpp>

#include "backends/cpu/device/error.hpp"

namespace tenon::cpu {

const tn_cpu_kernel* bound_kernel(const tn_node& node, const char** why) {
  const tn_kernel_desc* desc = node.bound;
  *why = nullptr;
  if (desc == nullptr) {
    *why = "no kernel is bound";
  } else if (desc->struct_size < TN_SIZE_1_0_tn_kernel_desc || desc->slot == nullptr ||
             std::strcmp(desc->slot, TN_SLOT_CPU) != 0) {
    *why = "the bound kernel is not for the slot " TN_SLOT_CPU;
  }
  if (*why != nullptr) return nullptr;
  const auto* kernel = static_cast<const tn_cpu_kernel*>(desc->impl);
  if (kernel == nullptr || kernel->struct_size < TN_SIZE_1_0_tn_cpu_kernel ||
      kernel->plan == nullptr || kernel->run == nullptr) {
    *why = "the bound kernel has no implementation";
    return nullptr;
  }
  return kernel;
}

bool Plan::fits(const tn_tensor& state, const KvCache* kv) const {
  const KvCache::State* kept = kv != nullptr ? kv->find(state.state) : nullptr;
  return kept != nullptr && kept->dtype == state.dtype &&
         kept->view.n_kv_heads == static_cast<uint64_t>(state.dim[0]) &&
         kept->view.dk == static_cast<uint64_t>(state.dim[1]) &&
         kept->view.dv == static_cast<uint64_t>(state.dim[2]);
}

tn_status Plan::check(const tn_host* host, const tn_cmd_execute& step) const {
  if (sizes_only_)
    return refuse(host, TN_ERR_INVALID, "execute: a plan that was made for its sizes");
  if (step.n_bindings < binding_bytes_.size() || step.n_syms < max_syms_.size() ||
      (!binding_bytes_.empty() && step.bindings == nullptr) ||
      (!max_syms_.empty() && step.syms == nullptr)) {
    return refuse(host, TN_ERR_INVALID, "execute: %u bindings and %u symbols, needs %zu and %zu",
                  step.n_bindings, step.n_syms, binding_bytes_.size(), max_syms_.size());
  }
  for (size_t i = TN_SYM_STATIC + 1; i < max_syms_.size(); ++i) {
    if (step.syms[i] >= 0 && step.syms[i] <= max_syms_[i]) continue;
    return refuse(host, TN_ERR_INVALID, "execute: symbol %zu is %" PRId64 ", not in 0..%" PRId64, i,
                  step.syms[i], max_syms_[i]);
  }
  for (size_t i = 0; i < binding_bytes_.size(); ++i) {
    const Buffer* bound = buffer(step.bindings[i].buffer);
    if (binding_bytes_[i] == 0) continue;
    if (bound != nullptr && bound->holds(step.bindings[i].offset, binding_bytes_[i])) continue;
    return refuse(host, TN_ERR_INVALID, "execute: binding %zu needs %" PRIu64 " bytes", i,
                  binding_bytes_[i]);
  }
  for (const StatePatch& patch : states_) {
    const tn_tensor& state = tensors_[patch.tensor];
    if (fits(state, kv_cache(step.kv))) continue;
    return refuse(host, TN_ERR_INVALID, "execute: the KV cache has no state %u of this shape",
                  state.state);
  }
  return TN_OK;
}

void Plan::bind(const tn_cmd_execute& step) {
  bool moved = false;
  for (size_t i = 0; i < bases_.size(); ++i) {
    if (binding_bytes_[i] == 0) continue;
    std::byte* base = buffer(step.bindings[i].buffer)->data + step.bindings[i].offset;
    moved = moved || base != bases_[i];
    bases_[i] = base;
  }
  if (moved) {
    for (const Patch& patch : patches_) {
      pointers_[patch.slot] = bases_[patch.binding] + patch.offset;
    }
  }
  for (const StatePatch& patch : states_) {
    const KvCache::State* kept = kv_cache(step.kv)->find(tensors_[patch.tensor].state);
    pointers_[patch.slot] = const_cast<tn_cpu_kv*>(&kept->view);
  }
}

tn_status Plan::plan_work(const tn_cmd_execute& step, Reason& why) {
  if (planned_ && std::equal(step.syms, step.syms + max_syms_.size(), syms_.begin())) return TN_OK;
  planned_ = false;
  std::copy_n(step.syms, max_syms_.size(), syms_.begin());
  for (size_t i = 0; i < dispatches_.size(); ++i) {
    Dispatch& dispatch = dispatches_[i];
    tn_cpu_args args = dispatch.args;
    args.shared = nullptr;
    tn_cpu_work work = {};
    work.struct_size = sizeof work;
    tn_status status = dispatch.kernel->plan(&args, &work);
    if (status == TN_OK &&
        (work.n_phases > TN_CPU_MAX_PHASES || work.shared_scratch > shared_bytes_ ||
         work.worker_scratch > worker_bytes_)) {
      status = TN_ERR_INTERNAL;  // not monotone: scratch would overflow
    }
    if (status != TN_OK) {
      return why.set(status, "node %s: kernel %s has no valid plan for this step",
                     copies_[i].name.c_str(), copies_[i].node.bound->id);
    }
    // The work of most nodes is the same although the step reads one more position: a write that
    // changes nothing would still take the cache line away from every worker.
    if (std::memcmp(&work, &dispatch.work, sizeof work) != 0) dispatch.work = work;
  }
  planned_ = true;
  return TN_OK;
}

// One walk over all nodes, the same on every worker.
struct Plan::Walk {
  Plan& plan;
  ThreadPool& pool;
  const uint32_t* cancel;
  uint64_t* node_ns;
  // Written between arrival and release of a barrier only, so all workers see the same value.
  bool stopped = false;

  // Written only when the flag rose: every worker reads this line at every phase.
  void poll() {
    if (sdk::raised(cancel)) stopped = true;
  }
  void run_node(const Dispatch& dispatch, unsigned worker, std::byte* scratch) {
    const tn_cpu_work& work = dispatch.work;
    for (uint32_t phase = 0; phase < work.n_phases && !stopped; ++phase) {
      if (work.items[phase] == 0) continue;
      const auto run = [&](uint64_t first, uint64_t last) {
        dispatch.kernel->run(&dispatch.args, phase, first, last, scratch);
      };
      if ((work.flags[phase] & TN_CPU_PHASE_REDUNDANT) != 0) {
        run(0, work.items[phase]);
        continue;
      }
      pool.share(worker, work.items[phase], UINT64_MAX, run);
      pool.barrier([this] { poll(); });
    }
  }
  void run_all(unsigned worker) {
    std::byte* scratch = plan.scratch_.data() + plan.shared_bytes_ + worker * plan.worker_bytes_;
    const bool timed = node_ns != nullptr && worker == 0;
    uint64_t start = timed ? Gate::now_ns() : 0;
    for (size_t i = 0; i < plan.dispatches_.size() && !stopped; ++i) {
      run_node(plan.dispatches_[i], worker, scratch);
      if (!timed) continue;
      const uint64_t end = Gate::now_ns();
      node_ns[i] = end - start;
      start = end;
    }
  }
  static void body(void* context, unsigned worker) { static_cast<Walk*>(context)->run_all(worker); }
};

tn_status Plan::execute(ThreadPool& pool, const tn_cmd_execute& step, const uint32_t* cancel,
                        Reason& why) {
  ThreadPool::Turn turn(pool);
  bind(step);
  if (const tn_status status = plan_work(step, why); status != TN_OK) return status;
  Walk walk{*this, pool, cancel, step.node_ns};
  walk.poll();
  if (!walk.stopped) turn.run(Walk::body, &walk);
  return walk.stopped ? TN_ERR_CANCELLED : TN_OK;
}

tn_plan_info Plan::info() const { return {sizeof(tn_plan_info), 0, scratch_bytes_}; }

}  // namespace tenon::cpu
