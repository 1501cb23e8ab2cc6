// A step: pages for the new positions, index tensors, the smallest shape bucket that fits.
#include "framework/engine/step/runtime.hpp"

#include <algorithm>

#include "framework/base/stopwatch.hpp"

namespace tenon {

Runtime::Runtime(LoadedModel loaded)
    : loaded_(std::move(loaded)),
      pages_(static_cast<std::uint32_t>(loaded_.options.kv_pages)),
      sequences_(loaded_.options.max_sequences) {
  const Graph& graph = loaded_.context.graph;
  const auto width =
      static_cast<std::size_t>(graph.values[graph.inputs.at("block_table")].shape.dim[1]);
  for (Sequence& s : sequences_) s.pages.reserve(width);
  buffers_ = StepBuffers(static_cast<std::size_t>(batch()), sequences_.size(), width);
}

Result<SequenceId> Runtime::open_sequence() {
  for (SequenceId id = 0; id < sequences_.size(); ++id) {
    if (sequences_[id].open) continue;
    sequences_[id].open = true;
    return id;
  }
  return fail(ErrorCode::limit,
              "all " + std::to_string(sequences_.size()) + " sequences are in use");
}

void Runtime::close_sequence(SequenceId id) {
  truncate(id, 0);
  sequences_[id].open = false;
}

void Runtime::truncate(SequenceId id, std::int64_t length) {
  Sequence& s = sequences_[id];
  s.length = std::min(s.length, length);
  const auto keep =
      static_cast<std::size_t>((s.length + TN_PAGE_POSITIONS - 1) / TN_PAGE_POSITIONS);
  while (s.pages.size() > keep) {
    pages_.give_back(s.pages.back());
    s.pages.pop_back();
  }
}

Status Runtime::grow(Sequence& s, std::int64_t length) {
  if (length > n_ctx())
    return fail(ErrorCode::limit,
                "the context is full: needed " + std::to_string(length) + " positions, available " +
                    std::to_string(n_ctx()),
                Setting::context);
  while (static_cast<std::int64_t>(s.pages.size()) * TN_PAGE_POSITIONS < length) {
    const std::optional<std::int32_t> page = pages_.take();
    if (!page)
      return fail(ErrorCode::limit, "the KV cache is full: all " + std::to_string(pages_.total()) +
                                        " pages are in use");
    s.pages.push_back(*page);
  }
  return {};
}

Status Runtime::check_rows(std::span<const StepRow> rows) const {
  if (rows.empty() || static_cast<std::int64_t>(rows.size()) > batch())
    return fail(ErrorCode::failed, "a step takes 1 to " + std::to_string(batch()) + " rows");
  std::int64_t out_rows = 0;
  for (const StepRow& row : rows) {
    if (row.sequence >= sequences_.size() || !sequences_[row.sequence].open)
      return fail(ErrorCode::failed, "there is no sequence " + std::to_string(row.sequence));
    if (row.token < 0 || row.token >= model().n_vocab())
      return fail(ErrorCode::usage, "token " + std::to_string(row.token) +
                                        " is not in the vocabulary of " +
                                        std::to_string(model().n_vocab()));
    out_rows += row.wants_logits ? 1 : 0;
  }
  if (out_rows > max_out_rows())
    return fail(ErrorCode::failed,
                "a step gives at most " + std::to_string(max_out_rows()) + " rows of logits");
  return {};
}

// Fills the index tensors; sequences grow by pages, but not in length.
Status Runtime::place_rows(std::span<const StepRow> rows) {
  StepBuffers& b = buffers_;
  b.rows = b.out_rows = b.seqs = 0;
  b.end = 0;
  std::fill(b.local.begin(), b.local.end(), -1);
  const std::size_t width = b.block_table.size() / b.local.size();
  for (const StepRow& row : rows) {
    Sequence& s = sequences_[row.sequence];
    std::int32_t& local = b.local[row.sequence];
    if (local < 0) {
      local = static_cast<std::int32_t>(b.seqs++);
      b.next[static_cast<std::size_t>(local)] = s.length;
    }
    const std::int64_t position = b.next[static_cast<std::size_t>(local)]++;
    if (Status status = grow(s, position + 1); !status) return status;
    const auto page = static_cast<std::size_t>(position / TN_PAGE_POSITIONS);
    b.tokens[b.rows] = row.token;
    b.positions[b.rows] = static_cast<std::int32_t>(position);
    b.slots[b.rows] =
        s.pages[page] * TN_PAGE_POSITIONS + static_cast<std::int32_t>(position % TN_PAGE_POSITIONS);
    b.seq_ids[b.rows] = local;
    if (row.wants_logits) b.out_ids[b.out_rows++] = static_cast<std::int32_t>(b.rows);
    ++b.rows;
    b.end = std::max(b.end, position + 1);
  }
  for (std::size_t id = 0; id < b.local.size(); ++id)
    if (b.local[id] >= 0)
      std::copy(sequences_[id].pages.begin(), sequences_[id].pages.end(),
                b.block_table.begin() +
                    static_cast<std::ptrdiff_t>(static_cast<std::size_t>(b.local[id]) * width));
  return {};
}

ShapeBucket* Runtime::smallest_bucket(const Extents& extents) {
  for (ShapeBucket& b : loaded_.buckets)
    if (b.bounds()[TN_SYM_ROWS] >= extents[TN_SYM_ROWS] &&
        b.bounds()[TN_SYM_OUT_ROWS] >= extents[TN_SYM_OUT_ROWS])
      return &b;
  return nullptr;
}

Result<std::span<const float>> Runtime::step(std::span<const StepRow> rows,
                                             const std::uint32_t* cancel) {
  if (Status s = check_rows(rows); !s) return fail(s);
  Status done = place_rows(rows);
  StepBuffers& b = buffers_;
  const Extents extents =
      make_extents(static_cast<std::int64_t>(b.rows), static_cast<std::int64_t>(b.out_rows),
                   static_cast<std::int64_t>(b.seqs), b.end);
  ShapeBucket* bucket = smallest_bucket(extents);
  if (done && bucket == nullptr) done = fail(ErrorCode::failed, "no shape bucket takes this step");
  if (done)
    done = bucket->run(loaded_.context, extents, b.inputs(b.block_table.size() / b.local.size()),
                       cancel);
  if (done) done = model().check_file(ErrorCode::failed);
  if (!done) {
    for (SequenceId id = 0; id < sequences_.size(); ++id) truncate(id, sequences_[id].length);
    return fail(done);
  }
  for (const StepRow& row : rows) ++sequences_[row.sequence].length;
  const std::size_t n = b.out_rows * static_cast<std::size_t>(model().n_vocab());
  return std::span<const float>(bucket->output(loaded_.context, "logits"), n);
}

Result<std::unique_ptr<Runtime>> start_runtime(const Model& model, Devices& devices,
                                               LoadOptions options, LoadReport& report) {
  auto loaded = load_model(model, devices, std::move(options), report);
  if (!loaded) return fail(loaded);
  auto runtime = std::make_unique<Runtime>(std::move(*loaded));
  Stopwatch watch;
  const auto id = runtime->open_sequence();
  if (!id) return fail(id);
  const StepRow row{0, *id, true};
  const auto logits = runtime->step({&row, 1}, report.cancel);
  runtime->close_sequence(*id);
  if (Status whole = model.check_file(ErrorCode::model); !whole) return fail(whole);
  if (!logits) return fail(logits);
  report.timings.warmup_ms = watch.lap_ms();
  if (Status s = report.at("ready", 1); !s) return fail(s);
  return runtime;
}

}  // namespace tenon
