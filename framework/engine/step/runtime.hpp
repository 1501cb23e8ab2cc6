// Runtime: steps of rows of many sequences on a loaded model.
#pragma once

#include <memory>

#include "framework/engine/load/loader.hpp"
#include "framework/engine/step/kv_pages.hpp"
#include "framework/engine/step/step_buffers.hpp"

namespace tenon {

using SequenceId = std::uint32_t;

// One token to compute, appended to its sequence.
struct StepRow {
  TokenId token;
  SequenceId sequence;
  bool wants_logits;
};

// One thread at a time. What the loaded model refers to must outlive it.
class Runtime {
 public:
  explicit Runtime(LoadedModel loaded);

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

  const LoadedModel& loaded() const { return loaded_; }
  const Model& model() const { return *loaded_.model; }
  std::int64_t n_ctx() const { return loaded_.options.n_ctx; }
  std::int64_t batch() const { return loaded_.options.batch; }
  std::int64_t max_out_rows() const { return loaded_.options.max_out_rows; }

 private:
  Status grow(Sequence& sequence, std::int64_t length);
  Status check_rows(std::span<const StepRow> rows) const;
  Status place_rows(std::span<const StepRow> rows);
  ShapeBucket* smallest_bucket(const Extents& extents);

  LoadedModel loaded_;
  KvPages pages_;
  std::vector<Sequence> sequences_;
  StepBuffers buffers_;
};

// Loads, and computes one step so that the first request finds everything warm.
Result<std::unique_ptr<Runtime>> start_runtime(const Model& model, Devices& devices,
                                               LoadOptions options, LoadReport& report);

}  // namespace tenon
