// The nearest right word, for messages about a misspelt one.
#include <algorithm>
#include <numeric>

#include "host/cli/options.hpp"

namespace tenon::cli {
namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t above = row[j + 1];
      row[j + 1] = std::min({above + 1, row[j] + 1, diagonal + (a[i] == b[j] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row.back();
}

}  // namespace

std::string nearest(std::string_view word, std::span<const std::string> candidates) {
  std::string best;
  std::size_t distance = word.size() / 3 + 2;
  for (const std::string& c : candidates)
    if (const std::size_t d = edit_distance(word, c); d < distance) {
      distance = d;
      best = c;
    }
  return best;
}

}  // namespace tenon::cli
