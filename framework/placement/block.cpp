// Who lives during a life: who lives when it begins, and who begins later while it lasts.
#include "framework/placement/block.hpp"

#include <algorithm>

namespace tenon {
namespace {

// Leaves of the tree, root 1: children of i are 2i and 2i+1.
constexpr std::uint64_t k_leaves = std::uint64_t{1} << 32;

}  // namespace

std::vector<Block::Bytes> Block::during(const Life& life) const {
  std::vector<Bytes> found;
  for (std::uint64_t i = k_leaves + life.from; i > 0; i /= 2)
    if (const auto here = tree_.find(i); here != tree_.end())
      found.insert(found.end(), here->second.begin(), here->second.end());
  const auto last = starts_.upper_bound(life.to);
  for (auto start = starts_.upper_bound(life.from); start != last; ++start)
    found.push_back(start->second);
  return found;
}

std::uint64_t Block::lowest_offset(const Life& life, std::uint64_t bytes) const {
  std::vector<Bytes> taken = during(life);
  std::sort(taken.begin(), taken.end(),
            [](const Bytes& a, const Bytes& b) { return a.first < b.first; });
  std::uint64_t at = 0;
  for (const Bytes& other : taken)
    if (at < other.last && other.first < at + bytes) at = other.last;
  return at;
}

void Block::add(const Life& life, std::uint64_t offset, std::uint64_t bytes) {
  const Bytes range{offset, offset + bytes};
  starts_.emplace(life.from, range);
  std::uint64_t left = k_leaves + life.from, right = k_leaves + life.to + 1;
  for (; left < right; left /= 2, right /= 2) {
    if (left % 2 == 1) tree_[left++].push_back(range);
    if (right % 2 == 1) tree_[--right].push_back(range);
  }
}

}  // namespace tenon
