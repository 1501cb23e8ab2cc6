// A block of lines of one sequence and one kv head against one tile after the other.
#pragma once

#include <type_traits>

#include "backends/cpu/simd/ops/attention_lines.hpp"

namespace tenon::cpu::attention {

// Scratch of one worker for up to `lines` lines.
struct AttentionScratch {
  Line* lines;
  float *scores, *chunks, *totals, *k, *v;

  static int64_t bytes(int64_t n_lines, int64_t dk, int64_t dv) {
    const int64_t floats =
        n_lines * (k_page + 2 * Partial::floats(dv)) + k_page * (dk + dv) + simd::k_width;
    return n_lines * static_cast<int64_t>(sizeof(Line)) + 64 +
           floats * static_cast<int64_t>(sizeof(float));
  }
  AttentionScratch(void* scratch, int64_t n_lines, int64_t dk, int64_t dv)
      : scores(static_cast<float*>(scratch)),
        chunks(scores + n_lines * k_page),
        totals(chunks + n_lines * Partial::floats(dv)),
        k(totals + n_lines * Partial::floats(dv)),
        v(k + k_page * dk) {
    lines = static_cast<Line*>(static_cast<void*>(v + k_page * dv + simd::k_width));
  }
};

// Lines that see something of the tile at hand, at most as many as a register tile holds.
struct Group {
  Line* lines[simd::k_tile_rows];
  int count = 0;
  Lanes any{k_page, -1};     // lanes that some line sees
  Lanes all{0, k_page - 1};  // lanes that all lines see

  void add(Line& line) {
    lines[count++] = &line;
    any = {std::min(any.low, line.seen.low), std::max(any.high, line.seen.high)};
    all = {std::max(all.low, line.seen.low), std::min(all.high, line.seen.high)};
  }
};

template <class F>
void for_groups(Line* lines, int64_t n_lines, F f) {
  Group group;
  for (int64_t i = 0; i < n_lines; ++i) {
    if (!lines[i].seen.empty()) group.add(lines[i]);
    if (group.count == simd::k_tile_rows || (i + 1 == n_lines && group.count > 0)) {
      f(group);
      group = Group{};
    }
  }
}

template <class T>
void score_tile(const Group& group, const T* k, int64_t dk) {
  TileLines tile;
  tile.count = group.count;
  const int64_t w = simd::k_width, begin = group.any.low / w * w;
  const int64_t end = (group.any.high / w + 1) * w;
  for (int i = 0; i < group.count; ++i) {
    tile.a[i] = group.lines[i]->query;
    tile.c[i] = group.lines[i]->scores;
    std::memset(tile.c[i], 0, k_page * sizeof(float));
  }
  tile_products(tile, TileOperand<T>{k, k_page, 0, dk}, begin, end);
}

// Positions first … last-1 of a tile into the values of one line.
template <class T>
void add_values(const Line& line, const T* v, int64_t dv, int64_t first, int64_t last) {
  if (first >= last) return;
  TileLines one;
  one.count = 1;
  one.a[0] = line.scores;
  one.c[0] = line.chunk.values();
  tile_products(one, TileOperand<T>{v, dv, first, last}, 0, dv);
}

// Each line adds exactly the positions it sees, in order; those that all see are added together.
template <class T>
void add_tile(const Group& group, const T* v, int64_t dv) {
  const bool shared = !group.all.empty() && group.count > 1;
  TileLines tile;
  tile.count = group.count;
  for (int i = 0; i < group.count; ++i) {
    const Line& line = *group.lines[i];
    add_values(line, v, dv, line.seen.low, shared ? group.all.low : line.seen.high + 1);
    tile.a[i] = line.scores;
    tile.c[i] = line.chunk.values();
  }
  if (!shared) return;
  tile_products(tile, TileOperand<T>{v, dv, group.all.low, group.all.high + 1}, 0, dv);
  for (int i = 0; i < group.count; ++i)
    add_values(*group.lines[i], v, dv, group.all.high + 1, group.lines[i]->seen.high + 1);
}

// All scores first, then all values: one operand at a time stays in the nearest cache.
template <class T>
void attend_groups(Line* lines, int64_t n_lines, const T* k, const T* v, int64_t dk, int64_t dv,
                   const tn_attention_params& p) {
  for_groups(lines, n_lines, [&](Group& group) {
    score_tile(group, k, dk);
    for (int i = 0; i < group.count; ++i) weigh(*group.lines[i], p, dv);
  });
  for_groups(lines, n_lines, [&](Group& group) { add_tile(group, v, dv); });
}

inline void widen(const simd::F16* from, float* to, int64_t n) {
  int64_t i = 0;
  for (; i + simd::k_width <= n; i += simd::k_width) simd::store(to + i, simd::load(from + i));
  if (i < n) simd::store_n(to + i, simd::load_n(from + i, n - i), n - i);
}

// What a tile holds, as f32: all of k, and positions first … last of v.
inline void widen_k(const simd::F16* k, float* to, int64_t dk) { widen(k, to, dk * k_page); }
inline void widen_v(const simd::F16* v, float* to, int64_t dv, int64_t first, int64_t last) {
  widen(v + first * dv, to + first * dv, (last + 1 - first) * dv);
}

inline void widen_k(const Q8* k, float* to, int64_t dk) {
  const auto* scales = static_cast<const simd::F16*>(static_cast<const void*>(k + dk * k_page));
  alignas(64) float scale[k_page];
  for (int64_t i = 0; i < dk; ++i, k += k_page, to += k_page) {
    if (i % k_q8_block == 0) widen(scales + i / k_q8_block * k_page, scale, k_page);
    for (int64_t j = 0; j < k_page; ++j)
      to[j] = static_cast<float>(static_cast<int8_t>(k[j])) * scale[j];
  }
}

inline void widen_v(const Q8* v, float* to, int64_t dv, int64_t first, int64_t last) {
  const auto* scales = static_cast<const simd::F16*>(static_cast<const void*>(v + dv * k_page));
  for (int64_t row = first; row <= last; ++row) {
    for (int64_t i = 0; i < dv; i += k_q8_block) {
      float scale;
      simd::store_n(&scale, simd::load_n(scales + row * q8_blocks(dv) + i / k_q8_block, 1), 1);
      const int64_t end = std::min(dv, i + k_q8_block);
      for (int64_t j = row * dv + i; j < row * dv + end; ++j)
        to[j] = static_cast<float>(static_cast<int8_t>(v[j])) * scale;
    }
  }
}

// Tile `tile` of the sequence, k and v its stored values. An f16 tile is widened once for all lines
// when there are more than one register tile holds, a q8_0 tile always; the values are the same.
template <class T>
void attend_tile(const AttentionScratch& scratch, int64_t n_lines, int64_t tile, const T* k,
                 const T* v, int64_t dk, int64_t dv, const tn_attention_params& p) {
  Lanes any{k_page, -1};
  for (int64_t i = 0; i < n_lines; ++i) {
    const Lanes seen = scratch.lines[i].seen = lanes_of(scratch.lines[i], tile);
    if (!seen.empty()) any = {std::min(any.low, seen.low), std::max(any.high, seen.high)};
  }
  if (any.empty()) return;
  constexpr bool k_is_f32 = std::is_same_v<T, float>, k_is_q8 = std::is_same_v<T, Q8>;
  if constexpr (!k_is_f32) {
    if (k_is_q8 || n_lines > simd::k_tile_rows) {
      widen_k(k, scratch.k, dk);
      widen_v(v, scratch.v, dv, any.low, any.high);
      return attend_groups(scratch.lines, n_lines, scratch.k, scratch.v, dk, dv, p);
    }
  }
  if constexpr (!k_is_q8) attend_groups(scratch.lines, n_lines, k, v, dk, dv, p);
}

}  // namespace tenon::cpu::attention
