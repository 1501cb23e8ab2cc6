// ShapeBucket: the placed graph compiled for one bound of rows; running it is submitting its partitions.
#pragma once

#include "framework/execution/context.hpp"
#include "framework/placement/memory_plan.hpp"

namespace tenon {

// Host data of one step, by role ("tokens", …): dense, as many rows as the extents say.
using StepInputs = std::map<std::string, std::span<const std::int32_t>, std::less<>>;

class ShapeBucket {
 public:
  using Kernels = std::vector<const tn_kernel_desc*>;  // per node; nullptr without a slot

  // Plans memory only; the arenas are allocated when all buckets are planned.
  ShapeBucket(const GraphContext& context, const Extents& bounds);

  const Extents& bounds() const { return bounds_; }
  const MemoryPlan& memory() const { return memory_; }
  // What the plans add to the memory of each target, as far as ask_sizes() or compile() know.
  const std::vector<std::uint64_t>& scratch() const { return scratch_; }

  // To be said before compile(); else those of the placement.
  void use_kernels(Kernels kernels) { kernels_ = std::move(kernels); }
  const tn_kernel_desc* kernel(const GraphContext& context, std::uint32_t node) const {
    return kernels_.empty() ? context.placement.nodes[node].kernel : kernels_[node];
  }

  // Asks what the plans will take; a device that cannot say so before compile() counts as 0. Needs
  // no weights, takes no memory. Errors: the device's refusal.
  Status ask_sizes(const GraphContext& context);

  // The plans are the context's.
  Status compile(GraphContext& context);

  // Runs one step: submits the partitions one after another, waits where one of them needs what
  // another device computes, and at the end for all. What is only for other results than `results`
  // is left out, and stays on its device. `extents` are within the bounds. Allocates
  // nothing when every target has host memory. `cancel` may be nullptr. Nothing is in flight when it
  // returns, whatever happened.
  Status run(GraphContext& context, const Extents& extents, const StepInputs& inputs,
             const std::uint32_t* cancel, Results results = Results::logits);

  // The rows of an output after run(): dense, valid until the next run of any bucket; nullptr if the
  // graph has it not.
  template <class T = float>
  const T* output(const GraphContext& context, std::string_view role) const {
    return reinterpret_cast<const T*>(find_output(context, role));
  }
  // What devices have copied to the host in the last run.
  std::uint64_t bytes_read() const { return bytes_read_; }

 private:
  struct Transfer {
    ValueId value;
    std::uint32_t from;  // a target; targets.size(): staging
  };
  struct Read {
    ValueId value;
    std::optional<Results> only_for;
  };
  struct Part {
    tn_plan* plan = nullptr;
    std::vector<std::uint32_t> waits;  // targets whose work must have ended before it is submitted
    std::vector<Read> reads;           // to staging, after the partition
    std::vector<Transfer> writes;      // before the partition
    std::vector<ValueId> host_inputs;  // inputs to write before the partition
  };
  Result<OwnedPlan> compile_partition(const GraphContext& context, const Partition& partition,
                                      std::uint32_t flags) const;
  void plan_transfers(const GraphContext& context);
  void plan_waits(const GraphContext& context);
  Status run_parts(GraphContext& context, const Extents& extents, const StepInputs& inputs,
                   const std::uint32_t* cancel, Results results);
  Status add_inputs(const GraphContext& context, const Part& part, std::uint32_t target,
                    const Extents& extents, const StepInputs& inputs);
  void add_write(const GraphContext& context, std::uint32_t target, ValueId value, const void* from,
                 std::uint64_t bytes);
  std::byte* host_address(const GraphContext& context, std::uint32_t target, ValueId value) const;
  void add_read(const GraphContext& context, std::uint32_t target, ValueId value,
                const Extents& extents);
  Status add_part(const GraphContext& context, std::size_t s, const Extents& extents,
                  const StepInputs& inputs, Results results);
  Status submit(GraphContext& context, std::uint32_t target, const std::uint32_t* cancel);
  const std::byte* find_output(const GraphContext& context, std::string_view role) const;

  Extents bounds_;
  Kernels kernels_;
  MemoryPlan memory_;
  std::vector<Part> parts_;                  // parallel to the partitions
  std::map<ValueId, std::uint32_t> source_;  // target (or staging) where the host finds kept values
  std::vector<std::uint64_t> scratch_;       // per target
  std::vector<tn_cmd_write> writes_;         // of a submission; reserved for all
  std::vector<tn_cmd_execute> executes_;
  std::vector<tn_cmd_read> reads_;
  std::vector<const tn_cmd*> cmds_;
  std::vector<tn_binding> bindings_;  // the blocks of an arena
  std::uint64_t bytes_read_ = 0;
};

}  // namespace tenon
