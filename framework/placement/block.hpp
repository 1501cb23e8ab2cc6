// Block: values that share a range of memory, found by when they live.
#pragma once

#include <cstdint>
#include <map>
#include <unordered_map>
#include <vector>

namespace tenon {

// Node indices between which the bytes of a value are needed, inclusive.
struct Life {
  std::uint32_t from = UINT32_MAX, to = 0;
  void include(std::uint32_t n) {
    from = n < from ? n : from;
    to = n > to ? n : to;
  }
};

// Costs are those of the values that live at the same time, not of all.
class Block {
 public:
  // The lowest offset at which `bytes` meet nothing that lives during some of `life`.
  std::uint64_t lowest_offset(const Life& life, std::uint64_t bytes) const;
  void add(const Life& life, std::uint64_t offset, std::uint64_t bytes);

 private:
  struct Bytes {
    std::uint64_t first, last;  // [first, last)
  };
  std::vector<Bytes> during(const Life& life) const;

  std::multimap<std::uint32_t, Bytes> starts_;  // by the first node
  // A segment tree over all node numbers: a range is kept at the largest tree nodes that it fills.
  std::unordered_map<std::uint64_t, std::vector<Bytes>> tree_;
};

}  // namespace tenon
