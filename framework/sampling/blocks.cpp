// Passes over a whole vocabulary, each of which reads a float once.
#include "framework/sampling/blocks.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "framework/sampling/lanes.hpp"

namespace tenon {
namespace {

constexpr std::size_t k_block = LogitBlocks::k_block;
constexpr float k_steepest = 1e38f;  // times a distance of 0 it is still 0

// A million tokens this many nats below the best weigh less than a millionth of it.
constexpr float k_far = 28;
constexpr float k_weightless = -std::numeric_limits<float>::infinity();

// A block that is shorter than k_block is copied and filled up, so that loops have one length;
// `beyond` is chosen so that the places that were filled up weigh nothing.
using Block = std::array<float, k_block>;
const float* whole_block(std::span<const float> block, float beyond, Block& copy) {
  if (block.size() == k_block) return block.data();
  copy.fill(beyond);
  std::copy(block.begin(), block.end(), copy.begin());
  return copy.data();
}

}  // namespace

LogitBlocks::LogitBlocks(std::span<const float> logits, std::span<float> maxima)
    : logits_(logits), maxima_(maxima) {
  Float4 odd{};  // x - x is 0 unless x is NaN or infinity
  Block copy;
  for (std::size_t b = 0; b < maxima.size(); ++b) {
    const float* x = whole_block(block(b), block(b)[0], copy);
    Float4 best[2] = {load4(x), load4(x)}, difference[2] = {{}, {}};
    for (std::size_t i = 0; i < k_block; i += 8)
      for (std::size_t half = 0; half < 2; ++half) {
        const Float4 v = load4(x + i + 4 * half);
        best[half] = max4(best[half], v);
        difference[half] += v - v;
      }
    odd += difference[0] + difference[1];
    maxima[b] = max_of(max4(best[0], best[1]));
  }
  finite_ = sum_of(odd) == 0;
  max_ = *std::max_element(maxima.begin(), maxima.end());
}

double total_weight(const LogitBlocks& logits) {
  double total = 0;
  Block copy;
  for (std::size_t b = 0; b < logits.n_blocks(); ++b) {
    if (logits.block_max(b) < logits.max() - k_far) continue;
    const float* x = whole_block(logits.block(b), k_weightless, copy);
    Float4 weight{};
    for (std::size_t i = 0; i < k_block; i += 4) weight += exp4(load4(x + i) - logits.max());
    total += sum_of(weight);
  }
  return total;
}

Whole measure(const LogitBlocks& logits) {
  double weight = 0, weighted = 0;
  Block copy;
  for (std::size_t b = 0; b < logits.n_blocks(); ++b) {
    if (logits.block_max(b) < logits.max() - k_far) continue;
    const float* x = whole_block(logits.block(b), k_weightless, copy);
    Float4 block_weight{}, block_weighted{};
    for (std::size_t i = 0; i < k_block; i += 4) {
      const Float4 distance = max4(all4(k_least_exponent), load4(x + i) - logits.max());
      const Float4 w = exp4(distance);
      block_weight += w;
      block_weighted += w * distance;
    }
    weight += sum_of(block_weight);
    weighted += sum_of(block_weighted);
  }
  return {weight, static_cast<double>(logits.max()) + weighted / weight};
}

void token_weights(const LogitBlocks& logits, std::size_t b, float temperature,
                   std::span<float, k_block> weights) {
  Block copy;
  const float* x = whole_block(logits.block(b), k_weightless, copy);
  const Float4 scale = all4(std::min(1 / temperature, k_steepest));
  for (std::size_t i = 0; i < k_block; i += 4)
    store4(&weights[i], exp4((load4(x + i) - logits.max()) * scale));
}

double block_weights(const LogitBlocks& logits, float temperature, std::span<double> weights) {
  double total = 0;
  Block w;
  for (std::size_t b = 0; b < logits.n_blocks(); ++b) {
    token_weights(logits, b, temperature, w);
    Float4 sum{};
    for (std::size_t i = 0; i < k_block; i += 4) sum += load4(&w[i]);
    total += weights[b] = sum_of(sum);
  }
  return total;
}

std::size_t gather(const LogitBlocks& logits, float low, float high, std::span<ScoredToken> out) {
  std::size_t n = 0;
  for (std::size_t b = 0; b < logits.n_blocks(); ++b) {
    if (logits.block_max(b) < low) continue;
    const auto block = logits.block(b);
    for (std::size_t i = 0; i < block.size(); ++i) {
      out[n] = {static_cast<TokenId>(b * k_block + i), block[i]};  // n <= id: there is room
      n += static_cast<std::size_t>(block[i] >= low) & static_cast<std::size_t>(block[i] <= high);
    }
  }
  return n;
}

// A heap of the best k; blocks in which nothing beats its worst are passed over.
void select_top_k(const LogitBlocks& logits, std::size_t k, std::span<ScoredToken> out) {
  const BetterCandidate better;
  const auto heap = out.first(k);
  std::size_t n = 0;
  for (std::size_t b = 0; b < logits.n_blocks(); ++b) {
    if (n == k && logits.block_max(b) <= heap.front().logit) continue;  // ties: the lower id is in
    const auto block = logits.block(b);
    for (std::size_t i = 0; i < block.size(); ++i) {
      const ScoredToken x{static_cast<TokenId>(b * k_block + i), block[i]};
      if (n < k) {
        heap[n++] = x;
        if (n == k) std::make_heap(heap.begin(), heap.end(), better);  // the worst in front
      } else if (x.logit > heap.front().logit) {
        std::pop_heap(heap.begin(), heap.end(), better);
        heap.back() = x;
        std::push_heap(heap.begin(), heap.end(), better);
      }
    }
  }
  std::sort_heap(heap.begin(), heap.end(), better);
}

}  // namespace tenon
