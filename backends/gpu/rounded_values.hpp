// Activations in the form that products of quantised weights take: which of them are read so only,
// which are made already, and the memory that they take in turn.
#pragma once

#include <tenon/abi/device.h>

#include <map>
#include <vector>

namespace tenon::gpu {

class RoundedValues {
 public:
  RoundedValues(const tn_host* host, const tn_subgraph& graph);

  // A temporary of which products take whole rows, rounded, and nobody else anything.
  bool only_rounded(uint32_t tensor) const;
  // Where its rounded form lies, of `bytes` bytes; from `node` on, until its last reader.
  uint32_t slot(uint32_t tensor, uint64_t bytes, uint32_t node);
  bool is_made(uint32_t tensor) const;

  std::vector<uint64_t> slot_bytes() const;

 private:
  // Rows of memory: tensors that are the same rows are one.
  struct Rows {
    uint32_t root;
    uint64_t offset;
    int64_t width, step;
    auto operator<=>(const Rows&) const = default;
  };
  struct Slot {
    uint64_t bytes;
    uint32_t last;  // node that reads it
  };
  struct Reader {
    uint32_t tensor;
    bool rounds;  // it takes rounded rows
  };

  Rows rows_of(uint32_t tensor) const;
  void add_reader(uint32_t node, uint32_t input);

  const tn_host* host_;
  const tn_subgraph& graph_;
  std::vector<std::vector<Reader>> readers_;  // by root
  std::vector<uint32_t> last_;                // node that reads the root
  std::vector<Slot> slots_;
  std::map<Rows, uint32_t> made_;  // their slots
};

}  // namespace tenon::gpu
