// A step: pages for the new positions, index tensors, the smallest shape bucket that fits.
#include "framework/engine/step/runtime.hpp"

#include <algorithm>

#include "framework/engine/step/copy_pages.hpp"

namespace tenon {

Runtime::Runtime(LoadedModel loaded)
    : loaded_(std::move(loaded)),
      tables_(loaded_.kv_groups, loaded_.options.max_sequences, loaded_.options.n_ctx),
      sequences_(loaded_.options.max_sequences) {
  const Graph& graph = loaded_.context.graph;
  const auto width =
      static_cast<std::size_t>(graph.values[graph.inputs.at("block_table")].shape.dim[1]);
  const bool lists = makes(Results::candidates);
  buffers_ = StepBuffers(static_cast<std::size_t>(batch()), sequences_.size(), width,
                         tables_.n_groups(), lists ? static_cast<std::size_t>(max_out_rows()) : 0);
}

Result<SequenceId> Runtime::open_sequence() {
  for (SequenceId id = 0; id < sequences_.size(); ++id) {
    if (sequences_[id].open) continue;
    sequences_[id] = {true, false};
    return id;
  }
  return fail(ErrorCode::limit,
              "all " + std::to_string(sequences_.size()) + " sequences are in use");
}

void Runtime::close_sequence(SequenceId id) {
  truncate(id, 0);
  sequences_[id].open = false;
}

std::int64_t Runtime::truncate(SequenceId id, std::int64_t length) {
  return tables_.truncate(id, length);
}

Result<SequenceId> Runtime::fork(SequenceId id) {
  const auto made = open_sequence();
  if (!made) return made;
  sequences_[*made] = sequences_[id];
  tables_.fork(id, *made);
  return made;
}

void Runtime::set_long(SequenceId id, bool is_long) {
  if (sequences_[id].is_long == is_long) return;
  truncate(id, 0);
  sequences_[id].is_long = is_long;
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

// Which sequences take part, in the order of their first rows, and by how much they grow.
void Runtime::count_rows(std::span<const StepRow> rows) {
  StepBuffers& b = buffers_;
  b.growth.clear();
  std::fill(b.local.begin(), b.local.end(), -1);
  for (const StepRow& row : rows) {
    std::int32_t& local = b.local[row.sequence];
    if (local < 0) {
      local = static_cast<std::int32_t>(b.growth.size());
      b.growth.push_back({row.sequence, 0});
    }
    ++b.growth[static_cast<std::size_t>(local)].rows;
  }
}

PageDemand Runtime::pages_needed(std::uint32_t group, std::span<const StepRow> rows) {
  count_rows(rows);
  return tables_.demand(group, buffers_.growth);
}

Status Runtime::check_room() const {
  for (const Growth& g : buffers_.growth) {
    const std::int64_t length = tables_.length(g.sequence) + g.rows;
    if (length > n_ctx())
      return fail(ErrorCode::limit,
                  "the context is full: needed " + std::to_string(length) +
                      " positions, available " + std::to_string(n_ctx()),
                  Setting::context);
    if (model().is_long(length) && !sequences_[g.sequence].is_long)
      return fail(ErrorCode::failed, "a sequence of " + std::to_string(length) +
                                         " positions needs the factors for long ones");
  }
  for (std::uint32_t g = 0; g < n_groups(); ++g) {
    const PageDemand pages = tables_.demand(g, buffers_.growth);
    if (pages.needed > pages.available)
      return fail(ErrorCode::limit, "the KV cache is full: needed " + std::to_string(pages.needed) +
                                        " pages, available " + std::to_string(pages.available) +
                                        " of " + std::to_string(loaded_.kv_groups[g].n_pages));
  }
  return {};
}

Status Runtime::note_failure(Status done) {
  device_failed_ = !done && done.error().code() != ErrorCode::cancelled;
  return done;
}

Status Runtime::copy_shared_pages() {
  const Status copied =
      note_failure(copy_pages(loaded_.context, tables_.take_copies(buffers_.growth)));
  copied ? tables_.keep_copies() : tables_.drop_copies();
  return copied;
}

// Fills the index tensors; sequences have their pages, but not their new length.
void Runtime::place_rows(std::span<const StepRow> rows) {
  StepBuffers& b = buffers_;
  b.rows = b.out_rows = 0;
  b.end = 0;
  for (Growth& g : b.growth) g.rows = 0;
  for (const StepRow& row : rows) {
    const std::int32_t local = b.local[row.sequence];
    Growth& growth = b.growth[static_cast<std::size_t>(local)];
    const std::int64_t position = tables_.length(row.sequence) + growth.rows++;
    const auto page = static_cast<std::size_t>(position / TN_PAGE_POSITIONS);
    const auto in_page = static_cast<std::int32_t>(position % TN_PAGE_POSITIONS);
    for (std::uint32_t g = 0; g < b.groups.size(); ++g)
      b.groups[g].slots[b.rows] =
          tables_.pages(g, row.sequence)[page] * TN_PAGE_POSITIONS + in_page;
    b.tokens[b.rows] = row.token;
    b.positions[b.rows] = static_cast<std::int32_t>(position);
    b.seq_ids[b.rows] = local;
    b.is_long[b.rows] = sequences_[row.sequence].is_long ? 1 : 0;
    if (row.wants_logits) b.out_ids[b.out_rows++] = static_cast<std::int32_t>(b.rows);
    ++b.rows;
    b.end = std::max(b.end, position + 1);
  }
  for (std::uint32_t g = 0; g < b.groups.size(); ++g)
    for (std::size_t local = 0; local < b.growth.size(); ++local)
      std::ranges::copy(
          tables_.pages(g, b.growth[local].sequence),
          b.groups[g].block_table.begin() + static_cast<std::ptrdiff_t>(local * b.width));
}

ShapeBucket* Runtime::smallest_bucket(const Extents& extents) {
  for (ShapeBucket& b : loaded_.buckets)
    if (b.bounds()[TN_SYM_ROWS] >= extents[TN_SYM_ROWS] &&
        b.bounds()[TN_SYM_OUT_ROWS] >= extents[TN_SYM_OUT_ROWS])
      return &b;
  return nullptr;
}

Status Runtime::compute(Results results, const std::uint32_t* cancel) {
  StepBuffers& b = buffers_;
  const Extents extents =
      make_extents(static_cast<std::int64_t>(b.rows), static_cast<std::int64_t>(b.out_rows),
                   static_cast<std::int64_t>(b.growth.size()), b.end);
  ShapeBucket* bucket = smallest_bucket(extents);
  if (bucket == nullptr) return fail(ErrorCode::failed, "no shape bucket takes this step");
  if (b.out_rows == 0) results = Results::logits;  // none: the tail would run for nothing
  if (Status s = note_failure(bucket->run(loaded_.context, extents, b.inputs(), cancel, results));
      !s)
    return s;
  bucket_ = bucket;
  results_ = results;
  return model().check_file(ErrorCode::failed);
}

Status Runtime::step_for(Results results, std::span<const StepRow> rows,
                         const std::uint32_t* cancel) {
  device_failed_ = false;
  if (Status s = check_rows(rows); !s) return s;
  count_rows(rows);
  if (Status s = check_room(); !s) return s;
  if (Status s = copy_shared_pages(); !s) return s;
  tables_.grow(buffers_.growth);
  place_rows(rows);
  if (Status done = compute(results, cancel); !done) {
    for (const Growth& g : buffers_.growth) truncate(g.sequence, length(g.sequence));
    return done;
  }
  tables_.advance(buffers_.growth);
  return {};
}

Result<std::span<const float>> Runtime::step(std::span<const StepRow> rows,
                                             const std::uint32_t* cancel) {
  if (Status s = step_for(Results::logits, rows, cancel); !s) return fail(s);
  const std::size_t n = buffers_.out_rows * static_cast<std::size_t>(model().n_vocab());
  return std::span(bucket_->output(loaded_.context, "logits"), n);
}

bool Runtime::makes(Results results) const {
  const auto& outputs = loaded_.context.graph.outputs;
  return results == Results::logits ||
         outputs.contains(results == Results::tokens ? "token" : "top_ids");
}

RowResults Runtime::row(std::size_t i) const {
  const GraphContext& context = loaded_.context;
  const auto of_row = [i](const auto* first, std::size_t width) {
    return std::span(first + i * width, width);
  };
  const auto n_vocab = static_cast<std::size_t>(model().n_vocab());
  if (i >= buffers_.out_rows) return {};
  switch (results_) {
    case Results::logits:
      return {.logits = of_row(bucket_->output(context, "logits"), n_vocab)};
    case Results::tokens:
      return {.token = of_row(bucket_->output<TokenId>(context, "token"), 1)};
    case Results::candidates:
      break;
  }
  const std::size_t width = std::min(n_vocab, k_max_candidates) + k_max_candidates;
  return {.ids = of_row(bucket_->output<TokenId>(context, "top_ids"), width),
          .values = of_row(bucket_->output(context, "top_logits"), width)};
}

}  // namespace tenon
