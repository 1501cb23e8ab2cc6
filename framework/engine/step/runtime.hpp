// Runtime: a model placed on devices with its weights, cache and compiled variants;
// steps of rows of many sequences.
#pragma once

#include <functional>
#include <memory>

#include "framework/engine/load/device_choice.hpp"
#include "framework/engine/load/model.hpp"
#include "framework/engine/step/kv_pages.hpp"
#include "framework/engine/step/step_buffers.hpp"
#include "framework/engine/verify/verify_kernels.hpp"
#include "framework/execution/shape_bucket.hpp"

namespace tenon {

// What is being loaded and how far: 0 … 1. Return false to give up (ErrorCode::cancelled).
using ProgressFn = std::function<bool(std::string_view stage, double fraction)>;

struct RuntimeOptions {
  std::string backend = "auto";
  std::string cache_type = "f16";
  std::int64_t n_ctx = 0;         // 0: the model's training context, as far as memory goes
  std::int64_t chunk = 512;       // rows of one prefill step
  std::int64_t max_out_rows = 0;  // rows of logits per step; 0: one per sequence
  std::uint32_t max_sequences = 1;
  std::uint32_t n_threads = 0;
  bool validate = false;  // devices with the validation layer
  bool verify_kernels = false;
  std::vector<KernelRule> rules;
  ProgressFn progress;
  const std::uint32_t* cancel = nullptr;
};

struct LoadTimes {
  double devices_ms = 0, plan_ms = 0, touch_ms = 0, repack_ms = 0, upload_ms = 0, compile_ms = 0,
         warmup_ms = 0;
  std::uint64_t bytes_mapped = 0, bytes_borrowed = 0, bytes_packed = 0, bytes_uploaded = 0;
};

// Bytes by pool, known before the first is allocated.
struct MemoryReport {
  std::uint64_t weights_mapped = 0, weights_packed = 0, kv = 0, activations = 0, scratch = 0,
                staging = 0;
  std::uint64_t allocated = 0;  // what was really taken
  std::uint64_t planned() const { return weights_packed + kv + activations + scratch + staging; }
};

using SequenceId = std::uint32_t;

// One token to compute, appended to its sequence.
struct StepRow {
  TokenId token;
  SequenceId sequence;
  bool wants_logits;
};

// One thread at a time. The model, the host table and the catalog must outlive it.
class Runtime {
 public:
  static Result<std::unique_ptr<Runtime>> create(const Model& model, const HostTable& host,
                                                 const Catalog& catalog, RuntimeOptions options);

  // Errors: ErrorCode::limit when max_sequences are open.
  Result<SequenceId> open_sequence();
  void close_sequence(SequenceId id);
  std::int64_t length(SequenceId id) const { return sequences_[id].length; }
  // Forgets the positions from `length` on.
  void truncate(SequenceId id, std::int64_t length);

  // Computes the rows in order; row i of the result holds the n_vocab logits of the i-th row that
  // wants them, valid until the next step. After an error the sequences are as before. Errors:
  // ErrorCode::limit when a context is full, ErrorCode::cancelled.
  // Allocates nothing on devices with host memory.
  Result<std::span<const float>> step(std::span<const StepRow> rows, const std::uint32_t* cancel);

  const Model& model() const { return model_; }
  const GraphContext& context() const { return context_; }
  const std::vector<ShapeBucket>& variants() const { return buckets_; }
  const LoadTimes& load_times() const { return times_; }
  const std::vector<KernelCheck>& verified() const { return verified_; }
  const MemoryReport& memory() const { return memory_; }
  std::int64_t n_ctx() const { return options_.n_ctx; }
  std::int64_t chunk() const { return options_.chunk; }
  std::int64_t max_out_rows() const { return options_.max_out_rows; }

 private:
  Runtime(const Model& model, const HostTable& host, const Catalog& catalog,
          RuntimeOptions options);
  Status load();
  Status open_targets();
  Status plan_graph();
  Status check_pins() const;
  Status plan_memory();
  Result<std::uint64_t> home_budget() const;
  Status plan_within_budget();
  Status load_weights();
  Status verify_bound_kernels();
  Status create_caches();
  Status allocate_arenas();
  Status compile_variants();
  Status warm_up();
  Status report(std::string_view stage, double fraction);
  Status touch_weights();
  std::vector<WeightPlace> all_weights() const;
  Status put_weight(const WeightPlace& place);
  Status commit_weights();
  Result<std::uint64_t> kv_bytes(std::size_t target) const;
  std::vector<tn_kv_layer> kv_layers(std::size_t target) const;
  tn_kv_desc kv_desc(const std::vector<tn_kv_layer>& layers) const;
  std::uint64_t n_pages() const;
  Result<std::uint64_t> packed_bytes() const;

  Status grow(Sequence& sequence, std::int64_t length);
  Status check_rows(std::span<const StepRow> rows) const;
  Status place_rows(std::span<const StepRow> rows);
  ShapeBucket* smallest_bucket(const Extents& extents);

  const Model& model_;
  const HostTable& host_;
  const Catalog& catalog_;
  RuntimeOptions options_;
  const DType* cache_dtype_ = nullptr;
  GraphContext context_;
  std::vector<ShapeBucket> buckets_;  // by rows, smallest first
  KvPages pages_{0};
  std::vector<Sequence> sequences_;
  StepBuffers buffers_;
  std::vector<KernelCheck> verified_;
  LoadTimes times_;
  MemoryReport memory_;
};

}  // namespace tenon
