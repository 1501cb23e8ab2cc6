// StepBuffers: the small index tensors of a step, allocated once for the largest step.
#pragma once

#include <cstdint>
#include <vector>

#include "framework/execution/shape_bucket.hpp"

namespace tenon {

class StepBuffers {
 public:
  StepBuffers() = default;
  StepBuffers(std::size_t max_rows, std::size_t max_sequences, std::size_t pages_per_sequence)
      : tokens(max_rows),
        positions(max_rows),
        slots(max_rows),
        seq_ids(max_rows),
        out_ids(max_rows),
        block_table(max_sequences * pages_per_sequence),
        local(max_sequences, -1),
        next(max_sequences) {
    for (const char* role : {"tokens", "positions", "slots", "seq_ids", "out_ids", "block_table"})
      inputs_[role] = {};
  }

  std::vector<std::int32_t> tokens, positions, slots, seq_ids, out_ids, block_table;
  std::vector<std::int32_t> local;  // sequence to row of the block table, or -1
  std::vector<std::int64_t> next;   // row of the block table to its next position
  std::size_t rows = 0, out_rows = 0, seqs = 0;
  std::int64_t end = 0;  // 1 + largest position

  const StepInputs& inputs(std::size_t pages_per_sequence) {
    set("tokens", tokens, rows);
    set("positions", positions, rows);
    set("slots", slots, rows);
    set("seq_ids", seq_ids, rows);
    set("out_ids", out_ids, out_rows);
    set("block_table", block_table, seqs * pages_per_sequence);
    return inputs_;
  }

 private:
  void set(std::string_view role, const std::vector<std::int32_t>& data, std::size_t n) {
    inputs_.find(role)->second = std::span(data).first(n);
  }
  StepInputs inputs_;
};

}  // namespace tenon
