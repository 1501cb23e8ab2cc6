// attention: q (T,H,dk), cache, positions (T), seq_ids (T), block_table (S,P) [, sinks (H)]
//   -> (T,H,dv): softmax(cap(scale * q·k)) · v over the stored positions that a row sees.
//   Few rows: items are (row, kv head, chunk of positions), merged by a second phase.
//   Many rows: items are (kv head, block of rows), each walks all chunks. Same bits either way.
#include "backends/cpu/simd/ops/attention_block.hpp"
#include "backends/cpu/simd/ops/common.hpp"

namespace tenon::cpu {
namespace attention {
namespace {

constexpr int64_t k_few_rows = 4;
constexpr int64_t k_block_lines = 96;  // lines that share a tile widened to f32
constexpr int64_t k_min_blocks = 8;    // blocks per kv head for the workers to share

struct Shape {
  int64_t rows, heads, kv_heads, group, dk, dv, chunks;

  explicit Shape(const Args& a)
      : rows(a.extent(0, 0)),
        heads(a.tensor(0).dim[1]),
        kv_heads(a.params<tn_attention_params>().n_kv_heads),
        group(heads / kv_heads),
        dk(a.width(0)),
        dv(Args::width(a.out_tensor())),
        chunks(std::max<int64_t>(1, (a.sym(TN_SYM_END) + k_chunk - 1) / k_chunk)) {}

  bool few() const { return rows <= k_few_rows; }
  int64_t block_rows() const { return std::clamp<int64_t>(k_block_lines / group, 1, 48); }
  int64_t n_blocks() const {
    if (rows <= k_min_blocks) return rows;
    return std::max(k_min_blocks, (rows + block_rows() - 1) / block_rows());
  }
  int64_t max_lines() const { return std::min(rows, block_rows()) * group; }
};

template <class T>
class Attention {
 public:
  static Work plan(const Args& args) {
    const Shape s(args);
    Work work;
    work.worker(AttentionScratch::bytes(s.max_lines(), s.dk, s.dv));
    work.shared(std::min(s.rows, k_few_rows) * s.heads * s.chunks * Partial::floats(s.dv) *
                static_cast<int64_t>(sizeof(float)));
    if (!s.few()) return work.phase(s.kv_heads * s.n_blocks());
    work.phase(s.rows * s.kv_heads * s.chunks);
    return s.chunks > 1 ? work.phase(s.rows) : work;
  }

  static tn_status check(const tn_node_query& query) {
    const auto p = sdk::params<tn_attention_params>(*query.node);
    const tn_tensor& q = *query.t[0];
    if (q.rank != 3 || p.n_kv_heads == 0 || q.dim[1] % p.n_kv_heads != 0)
      return sdk::fail(query.host, TN_ERR_UNSUPPORTED, "attention takes q (T,H,d), H % kv heads");
    return RowOp<Attention>::check(query);
  }

  static void run(const Args& args, unsigned phase, uint64_t first, uint64_t last, void* scratch) {
    const Attention self(args, scratch);
    for (uint64_t i = first; i < last; ++i) {
      if (phase == 1)
        self.merge_row(static_cast<int64_t>(i));
      else if (self.shape_.few())
        self.chunk_item(static_cast<int64_t>(i));
      else
        self.block_item(static_cast<int64_t>(i));
    }
  }

 private:
  Attention(const Args& args, void* scratch)
      : args_(args),
        shape_(args),
        params_(args.params<tn_attention_params>()),
        tiles_(args.kv(1)),
        scratch_(scratch, shape_.max_lines(), shape_.dk, shape_.dv) {}

  // Lines for the group of query heads of row t and kv head `head`, from index `at` on.
  void set_lines(int64_t t, int64_t head, int64_t at) const {
    const Rows q(args_, 0);
    const int64_t p = args_.template in<int32_t>(2)[t];
    const int64_t sequence = args_.template in<int32_t>(3)[t];
    const bool empty = p < 0 || sequence < 0 || sequence >= args_.extent(4, 0);
    const int64_t low = params_.window > 0 ? std::max<int64_t>(0, p - params_.window + 1) : 0;
    for (int64_t g = 0; g < shape_.group; ++g) {
      const int64_t i = at + g;
      scratch_.lines[i] = {q[t * shape_.heads + head * shape_.group + g],
                           scratch_.scores + i * k_page,
                           {scratch_.chunks + i * Partial::floats(shape_.dv)},
                           empty ? 0 : low,
                           empty ? -1 : p,
                           {}};
    }
  }

  const int32_t* pages_of(int64_t t) const {
    const int64_t row = args_.template in<int32_t>(3)[t] * args_.tensor(4).stride[0];
    return static_cast<const int32_t*>(
        static_cast<const void*>(args_.template in<std::byte>(4) + row));
  }

  // Positions of `chunk` for lines 0 … n-1 of one sequence and kv head.
  void attend_chunk(const int32_t* pages, int64_t head, int64_t n, int64_t chunk) const {
    int64_t low = INT64_MAX, high = -1;
    for (int64_t i = 0; i < n; ++i) {
      scratch_.lines[i].chunk.clear(shape_.dv);
      if (scratch_.lines[i].high < scratch_.lines[i].low) continue;
      low = std::min(low, scratch_.lines[i].low);
      high = std::max(high, scratch_.lines[i].high);
    }
    if (high < 0) return;
    const int64_t begin = std::max(chunk * k_chunk_pages, low / k_page);
    const int64_t end = std::min((chunk + 1) * k_chunk_pages, high / k_page + 1);
    for (int64_t tile = begin; tile < end; ++tile) attend_page(n, tile, page_of(pages[tile]), head);
  }

  // A page of the pool, whatever the host has put into its table.
  int64_t page_of(int32_t entry) const {
    return std::clamp<int64_t>(entry, 0, tiles_.n_pages() - 1);
  }
  void attend_page(int64_t n, int64_t tile, int64_t page, int64_t head) const {
    attend_tile<T>(scratch_, n, tile, tiles_.k(page, head), tiles_.v(page, head), shape_.dk,
                   shape_.dv, params_);
  }

  void write(int64_t t, int64_t head, const Partial& seen) const {
    const bool has_sinks = args_.n_in() > 5 && args_.has(5);
    finish(shape_.dv, seen, has_sinks ? args_.template in<float>(5) + head : nullptr,
           args_.template out<float>() + (t * shape_.heads + head) * shape_.dv);
  }

  Partial shared(int64_t t, int64_t head, int64_t chunk) const {
    const int64_t index = (t * shape_.heads + head) * shape_.chunks + chunk;
    return {static_cast<float*>(args_.shared()) + index * Partial::floats(shape_.dv)};
  }

  void chunk_item(int64_t item) const {
    const int64_t n = shape_.chunks, head = item / n % shape_.kv_heads;
    const int64_t t = item / n / shape_.kv_heads, group = shape_.group;
    // Even chunks, then odd ones: the few that a window leaves are not all at one worker.
    const int64_t k = item % n, half = (n + 1) / 2, chunk = k < half ? 2 * k : 2 * (k - half) + 1;
    set_lines(t, head, 0);
    if (n > 1)
      for (int64_t g = 0; g < group; ++g)
        scratch_.lines[g].chunk = shared(t, head * group + g, chunk);
    attend_chunk(pages_of(t), head, group, chunk);
    for (int64_t g = 0; g < group && n == 1; ++g)
      write(t, head * group + g, scratch_.lines[g].chunk);
  }

  void merge_row(int64_t t) const {
    const Partial total{scratch_.totals};
    for (int64_t head = 0; head < shape_.heads; ++head) {
      total.clear(shape_.dv);
      for (int64_t c = 0; c < shape_.chunks; ++c) merge(shape_.dv, total, shared(t, head, c));
      write(t, head, total);
    }
  }

  void block_item(int64_t item) const {
    const int64_t n = shape_.n_blocks(), head = item / n, k = item % n;
    // From both ends: early rows see little, late rows see much.
    const int64_t block = k % 2 == 0 ? k / 2 : n - 1 - k / 2;
    const int64_t end = (block + 1) * shape_.rows / n;
    const int32_t* seq = args_.template in<int32_t>(3);
    for (int64_t t = block * shape_.rows / n; t < end;) {
      int64_t next = t + 1;
      while (next < end && seq[next] == seq[t]) ++next;
      attend_rows(head, t, next);
      t = next;
    }
  }

  // Rows first … last-1, all of one sequence.
  void attend_rows(int64_t head, int64_t first, int64_t last) const {
    const int64_t group = shape_.group, n = (last - first) * group;
    int64_t chunk = INT64_MAX, high = -1;
    for (int64_t i = 0; i < n; i += group) {
      set_lines(first + i / group, head, i);
      const Line& line = scratch_.lines[i];
      if (line.low <= line.high) chunk = std::min(chunk, line.low / k_chunk);
      high = std::max(high, line.high);
    }
    for (int64_t i = 0; i < n; ++i) total(i).clear(shape_.dv);
    for (; high >= 0 && chunk <= high / k_chunk; ++chunk) {
      attend_chunk(pages_of(first), head, n, chunk);
      for (int64_t i = 0; i < n; ++i) merge(shape_.dv, total(i), scratch_.lines[i].chunk);
    }
    for (int64_t i = 0; i < n; ++i) write(first + i / group, head * group + i % group, total(i));
  }

  Partial total(int64_t i) const { return {scratch_.totals + i * Partial::floats(shape_.dv)}; }

  Args args_;
  Shape shape_;
  tn_attention_params params_;
  KvTiles<T> tiles_;
  AttentionScratch scratch_;
};

constexpr uint64_t k_features = TN_ATTENTION_WINDOW | TN_ATTENTION_SOFTCAP | TN_ATTENTION_SINKS;

template <class T, sdk::Name Cache>
constexpr tn_kernel_desc describe(const char* id) {
  return op_kernel<Attention<T>>(id, TN_OP_ATTENTION)
      .template in<"f32", Cache, "i32", "i32", "i32", "f32">()
      .template out<"f32">()
      .features(k_features)
      .desc;
}

}  // namespace
}  // namespace attention

constexpr sdk::Kernels<3> k_attention_kernels = {
    attention::describe<simd::F16, "f16">(TENON_CPU_ID("attention_f16")),
    attention::describe<float, "f32">(TENON_CPU_ID("attention_f32")),
    attention::describe<Q8, "q8_0">(TENON_CPU_ID("attention_q8_0"))};

}  // namespace tenon::cpu
