// ShapeBucket: the placed graph compiled for one bound of rows; running it is submitting its partitions.
#pragma once

#include "framework/execution/context.hpp"
#include "framework/placement/memory_plan.hpp"

namespace tenon {

// Host data of one step, by role ("tokens", …): dense, as many rows as the extents say.
using StepInputs = std::map<std::string, std::span<const std::int32_t>, std::less<>>;

class ShapeBucket {
 public:
  // Plans memory only; the arenas are allocated when all buckets are planned.
  ShapeBucket(const GraphContext& context, const Extents& bounds);

  const Extents& bounds() const { return bounds_; }
  const MemoryPlan& memory() const { return memory_; }
  std::uint64_t scratch_bytes() const { return scratch_bytes_; }

  Status compile(const GraphContext& context);

  // Runs one step and waits for it. `extents` are within the bounds. Allocates nothing when every
  // target has host memory. `cancel` may be nullptr.
  Status run(GraphContext& context, const Extents& extents, const StepInputs& inputs,
             const std::uint32_t* cancel);

  // The rows of an output after run(): dense f32, valid until the next run of any bucket.
  const float* output(const GraphContext& context, std::string_view role) const;

 private:
  struct Transfer {
    ValueId value;
    std::uint32_t from, to;  // targets; `to` = targets.size(): to staging
  };
  struct Part {
    OwnedPlan plan;
    std::vector<ValueId> reads;        // to staging, after the partition
    std::vector<Transfer> writes;      // before the partition
    std::vector<ValueId> host_inputs;  // inputs to write before the partition
  };
  Result<OwnedPlan> compile_partition(const GraphContext& context, const Partition& partition);
  void plan_transfers(const GraphContext& context);
  std::byte* host_address(const GraphContext& context, std::uint32_t target, ValueId value) const;
  Status submit(GraphContext& context, std::size_t s, const Extents& extents,
                const StepInputs& inputs, const std::uint32_t* cancel);

  Extents bounds_;
  MemoryPlan memory_;
  std::vector<Part> parts_;                  // parallel to the partitions
  std::map<ValueId, std::uint32_t> source_;  // target (or staging) where the host finds kept values
  std::uint64_t scratch_bytes_ = 0;
  std::vector<tn_cmd_write> writes_;  // reserved for the largest partition
  std::vector<tn_cmd_read> reads_;
  std::vector<const tn_cmd*> cmds_;
};

}  // namespace tenon
