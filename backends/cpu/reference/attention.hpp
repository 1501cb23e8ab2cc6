// tn.attention: one item is one head of one token; scores, softmax and the mix of values in double.
#pragma once

#include <algorithm>
#include <cmath>

#include "describe.hpp"
#include "kv_tiles_q8_0.hpp"

namespace tenon::cpu::reference {

template <class Cell>
struct Attention {
  // Scratch: one score per visible position, then the dv sums.
  static Work plan(const Args& args) {
    const int64_t doubles = args.sym(TN_SYM_END) + args.width(args.out_tensor());
    return Work().phase(args.rows(0)).worker(doubles * 8);
  }

  static void run(const Args& args, unsigned, uint64_t first, uint64_t last, void* scratch) {
    for_rows(first, last,
             [&](int64_t row) { attend(Query(args, row), static_cast<double*>(scratch)); });
  }

 private:
  // What one item reads: a head of a token, and the positions it sees.
  struct Query {
    Query(const Args& a, int64_t query_row)
        : args(a), params(a.params<tn_attention_params>()), row(query_row) {
      const int64_t heads = a.extent(0, 1), token = row / heads;
      head = row % heads;
      kv_head = head / (heads / params.n_kv_heads);
      end = a.in<int32_t>(2)[token] + int64_t{1};
      begin = params.window > 0 ? std::max<int64_t>(0, end - params.window) : 0;
      pages = row_in<int32_t>(a, 4, a.in<int32_t>(3)[token]);
    }
    // Calls body(page, first, last, position of `first`) for each page, in order.
    template <class Body>
    void for_pages(const Body& body) const {
      for (int64_t at = begin; at < end;) {
        const int64_t cell = at % k_page_positions;
        const int64_t stop = std::min(k_page_positions, cell + end - at);
        body(pages[at / k_page_positions], cell, stop, at);
        at += stop - cell;
      }
    }
    const Args& args;
    tn_attention_params params;
    int64_t row, head, kv_head, begin, end;
    const int32_t* pages;
  };

  static void attend(const Query& query, double* scratch) {
    double* scores = scratch;
    double* sums = scratch + std::max<int64_t>(query.end - query.begin, 0);
    score(query, scores);
    const double total = weigh(query, scores);
    const int64_t dv = query.args.kv(1).dv;
    std::fill_n(sums, dv, 0.0);
    mix(query, scores, sums);
    float* out = row_out<float>(query.args, query.row);
    for (int64_t i = 0; i < dv; ++i) out[i] = total > 0 ? static_cast<float>(sums[i] / total) : 0;
  }

  static void score(const Query& query, double* scores) {
    const tn_cpu_kv& kv = query.args.kv(1);
    const float* q = row_in<float>(query.args, 0, query.row);
    std::fill_n(scores, std::max<int64_t>(query.end - query.begin, 0), 0.0);
    query.for_pages([&](int64_t page, int64_t first, int64_t last, int64_t at) {
      const KeyTile<Cell> keys(kv, page, query.kv_head);
      double* to = scores + (at - query.begin) - first;
      for (int64_t i = 0; i < keys.width(); ++i) {
        for (int64_t j = first; j < last; ++j) to[j] += static_cast<double>(q[i]) * keys.at(j, i);
      }
    });
  }

  // Scores become weights; returns their sum with the sink's share.
  static double weigh(const Query& query, double* scores) {
    const tn_attention_params& p = query.params;
    const int64_t n = std::max<int64_t>(query.end - query.begin, 0);
    const bool sinks = (query.args.features() & TN_ATTENTION_SINKS) != 0;
    const double sink =
        sinks ? static_cast<double>(query.args.template in<float>(5)[query.head]) : 0.0;
    double max = sinks ? sink : -INFINITY, total = 0;
    for (int64_t j = 0; j < n; ++j) {
      scores[j] *= p.scale;
      if (p.softcap > 0) scores[j] = p.softcap * std::tanh(scores[j] / p.softcap);
      max = std::max(max, scores[j]);
    }
    for (int64_t j = 0; j < n; ++j) total += scores[j] = std::exp(scores[j] - max);
    return sinks ? total + std::exp(sink - max) : total;
  }

  static void mix(const Query& query, const double* weights, double* sums) {
    const tn_cpu_kv& kv = query.args.kv(1);
    query.for_pages([&](int64_t page, int64_t first, int64_t last, int64_t at) {
      const ValueTile<Cell> values(kv, page, query.kv_head);
      for (int64_t j = first; j < last; ++j) {
        const double weight = weights[at - query.begin + j - first];
        for (int64_t i = 0; i < values.width(); ++i) sums[i] += weight * values.at(j, i);
      }
    });
  }
};

template <class Cell, Name Cache>
consteval Kernel attention_kernel() {
  return reference<Attention<Cell>, Name("attention.") + Cache>(TN_OP_ATTENTION)
      .template in<"f32", Cache, "i32", "i32", "i32", "f32">()
      .template out<"f32">()
      .features(TN_ATTENTION_WINDOW | TN_ATTENTION_SOFTCAP | TN_ATTENTION_SINKS);
}

inline constexpr std::array k_attention_kernels = {attention_kernel<Half, "f16">(),
                                                   attention_kernel<float, "f32">(),
                                                   attention_kernel<Q8, "q8_0">()};

}  // namespace tenon::cpu::reference
