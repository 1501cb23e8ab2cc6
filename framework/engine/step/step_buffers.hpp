// StepBuffers: the small index tensors of a step, allocated once for the largest step.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "framework/engine/step/kv_tables.hpp"
#include "framework/execution/shape_bucket.hpp"

namespace tenon {

class StepBuffers {
 public:
  StepBuffers() = default;
  // max_listed: rows that may have lists; 0 where the graph takes none.
  StepBuffers(std::size_t max_rows, std::size_t max_sequences, std::size_t pages_per_sequence,
              std::size_t n_groups, std::size_t max_listed)
      : tokens(max_rows),
        positions(max_rows),
        seq_ids(max_rows),
        is_long(max_rows),
        out_ids(max_rows),
        listed(max_listed * k_max_candidates, -1),
        width(pages_per_sequence),
        local(max_sequences, -1) {
    growth.reserve(max_sequences);
    for (const char* role : {"tokens", "positions", "seq_ids", "is_long", "out_ids", "listed"})
      inputs_[role] = {};
    for (std::size_t g = 0; g < n_groups; ++g) {
      const std::string suffix = g == 0 ? "" : "." + std::to_string(g);
      groups.push_back({"slots" + suffix, "block_table" + suffix,
                        std::vector<std::int32_t>(max_rows),
                        std::vector<std::int32_t>(max_sequences * width)});
      inputs_[groups.back().slots_role] = inputs_[groups.back().table_role] = {};
    }
  }

  struct Group {
    std::string slots_role, table_role;
    std::vector<std::int32_t> slots, block_table;
  };
  std::vector<std::int32_t> tokens, positions, seq_ids, is_long, out_ids, listed;
  std::vector<Group> groups;
  std::size_t width = 0;            // pages per sequence
  std::vector<std::int32_t> local;  // sequence to row of the block tables, or -1
  std::vector<Growth> growth;       // by row of the block tables
  std::size_t rows = 0, out_rows = 0;
  std::int64_t end = 0;  // 1 + largest position

  const StepInputs& inputs() {
    set("tokens", tokens, rows);
    set("positions", positions, rows);
    set("seq_ids", seq_ids, rows);
    set("is_long", is_long, rows);
    set("out_ids", out_ids, out_rows);
    set("listed", listed, std::min(listed.size(), out_rows * k_max_candidates));
    for (const Group& g : groups) {
      set(g.slots_role, g.slots, rows);
      set(g.table_role, g.block_table, growth.size() * width);
    }
    return inputs_;
  }

 private:
  void set(std::string_view role, const std::vector<std::int32_t>& data, std::size_t n) {
    inputs_.find(role)->second = std::span(data).first(n);
  }
  StepInputs inputs_;
};

}  // namespace tenon
