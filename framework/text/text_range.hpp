// TextRange: a part of a text, in bytes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

namespace tenon {

struct TextRange {
  std::size_t begin, end;
};

// Whether any byte of `part` lies in one of `ranges`, which are sorted and do not overlap.
inline bool overlaps(std::span<const TextRange> ranges, TextRange part) {
  const auto next = std::partition_point(ranges.begin(), ranges.end(), [&](const TextRange& range) {
    return range.end <= part.begin;
  });
  return next != ranges.end() && next->begin < part.end;
}

}  // namespace tenon
