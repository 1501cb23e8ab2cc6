// A step: pages for the new positions, index tensors, the smallest variant that fits.
#include "framework/engine/step/runtime.hpp"

#include <algorithm>

namespace tenon {

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
  if (length > options_.n_ctx)
    return fail(ErrorCode::limit,
                "the context is full: needed " + std::to_string(length) + " positions, available " +
                    std::to_string(options_.n_ctx),
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
  if (rows.empty() || static_cast<std::int64_t>(rows.size()) > options_.chunk)
    return fail(ErrorCode::failed, "a step takes 1 to " + std::to_string(options_.chunk) + " rows");
  std::int64_t out_rows = 0;
  for (const StepRow& row : rows) {
    if (row.sequence >= sequences_.size() || !sequences_[row.sequence].open)
      return fail(ErrorCode::failed, "there is no sequence " + std::to_string(row.sequence));
    if (row.token < 0 || row.token >= model_.n_vocab())
      return fail(ErrorCode::usage, "token " + std::to_string(row.token) +
                                        " is not in the vocabulary of " +
                                        std::to_string(model_.n_vocab()));
    out_rows += row.wants_logits ? 1 : 0;
  }
  if (out_rows > options_.max_out_rows)
    return fail(ErrorCode::failed, "a step gives at most " + std::to_string(options_.max_out_rows) +
                                       " rows of logits");
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
  for (ShapeBucket& v : buckets_)
    if (v.bounds()[TN_SYM_ROWS] >= extents[TN_SYM_ROWS] &&
        v.bounds()[TN_SYM_OUT_ROWS] >= extents[TN_SYM_OUT_ROWS])
      return &v;
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
  ShapeBucket* variant = smallest_bucket(extents);
  if (done && variant == nullptr)
    done = fail(ErrorCode::failed, "no compiled variant takes this step");
  if (done)
    done = variant->run(context_, extents, b.inputs(b.block_table.size() / b.local.size()), cancel);
  if (done) done = model_.check_file(ErrorCode::failed);
  if (!done) {
    for (SequenceId id = 0; id < sequences_.size(); ++id) truncate(id, sequences_[id].length);
    return fail(done);
  }
  for (const StepRow& row : rows) ++sequences_[row.sequence].length;
  const std::size_t n = b.out_rows * static_cast<std::size_t>(model_.n_vocab());
  return std::span<const float>(variant->output(context_, "logits"), n);
}

}  // namespace tenon
