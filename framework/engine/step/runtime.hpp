// Runtime: steps of rows of many sequences on a loaded model.
#pragma once

#include <memory>

#include "framework/engine/load/loader.hpp"
#include "framework/engine/step/kv_tables.hpp"
#include "framework/engine/step/step_buffers.hpp"

namespace tenon {

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
  std::int64_t length(SequenceId id) const { return tables_.length(id); }
  // Forgets the positions from `length` on, or all of them when the model reads through a window
  // and what the next row would read is gone. Gives the length that is left.
  std::int64_t truncate(SequenceId id, std::int64_t length);
  // A sequence with the same positions. Pages are shared until one of the two writes to them; what
  // follows in one is not seen by the other. Errors: those of open_sequence().
  Result<SequenceId> fork(SequenceId id);

  // Models with two sets of rotary factors: whether the sequence takes those for long ones, which
  // it needs once Model::is_long() says so of its length. A change forgets its positions.
  bool is_long(SequenceId id) const { return sequences_[id].is_long; }
  void set_long(SequenceId id, bool is_long);

  // Pages of a group of the cache that a step of these rows (of open sequences) takes, and how many there are: the step
  // is not refused for want of pages when no group needs more than is available.
  std::uint32_t n_groups() const { return static_cast<std::uint32_t>(tables_.n_groups()); }
  PageDemand pages_needed(std::uint32_t group, std::span<const StepRow> rows);

  // Computes the rows in order; row i of the result holds the n_vocab logits of the i-th row that
  // wants them, valid until the next step. After an error the sequences are as before. Errors:
  // ErrorCode::limit when a context or the cache is full, ErrorCode::cancelled.
  // Allocates nothing on devices with host memory, unless it copies shared pages.
  Result<std::span<const float>> step(std::span<const StepRow> rows, const std::uint32_t* cancel);

  // Whether the devices make these of logits.
  bool makes(Results results) const;
  // As step(), for what makes() says: row(i) is then the i-th row that wants results. Candidates are
  // those of listed(i) too, which are to be written before.
  Status step_for(Results results, std::span<const StepRow> rows, const std::uint32_t* cancel);
  RowResults row(std::size_t i) const;
  std::span<TokenId> listed(std::size_t i) {
    return std::span(buffers_.listed).subspan(i * k_max_candidates, k_max_candidates);
  }
  // What devices have copied to the host in the last step.
  std::uint64_t bytes_read() const { return bucket_ != nullptr ? bucket_->bytes_read() : 0; }

  // Whether it was a device that ended the last step: another one may be able to compute it.
  bool device_failed() const { return device_failed_; }

  const LoadedModel& loaded() const { return loaded_; }
  const Model& model() const { return *loaded_.model; }
  std::int64_t n_ctx() const { return loaded_.options.n_ctx; }
  std::int64_t batch() const { return loaded_.options.batch; }
  std::int64_t max_out_rows() const { return loaded_.options.max_out_rows; }

 private:
  struct Sequence {
    bool open = false, is_long = false;
  };
  Status check_rows(std::span<const StepRow> rows) const;
  void count_rows(std::span<const StepRow> rows);
  Status check_room() const;
  Status copy_shared_pages();
  void place_rows(std::span<const StepRow> rows);
  Status compute(Results results, const std::uint32_t* cancel);
  Status note_failure(Status done);
  ShapeBucket* smallest_bucket(const Extents& extents);

  LoadedModel loaded_;
  KvTables tables_;
  std::vector<Sequence> sequences_;
  StepBuffers buffers_;
  const ShapeBucket* bucket_ = nullptr;  // of the last step, that was read for results_
  Results results_ = Results::logits;
  bool device_failed_ = false;
};

// Loads, and computes one step so that the first request finds everything warm.
Result<std::unique_ptr<Runtime>> start_runtime(const Model& model, Devices& devices,
                                               LoadOptions options, LoadReport& report);

}  // namespace tenon
