// Engine::logits: every position of a token sequence, a batch at a time.
#include <algorithm>

#include "framework/api/engine_impl.hpp"

namespace tenon {
namespace {

// Closes its sequence however the function ends.
struct Borrowed {
  Runtime& runtime;
  SequenceId id;
  ~Borrowed() { runtime.close_sequence(id); }
};

}  // namespace

Status Engine::logits(std::span<const Token> tokens, const LogitsOptions& options,
                      const std::function<Status(std::span<const float>)>& row) {
  const auto ready = impl_->ready();
  if (!ready) return fail(ready);
  Runtime& runtime = **ready;
  if (tokens.empty()) return fail(ErrorCode::usage, "there are no tokens");
  if (options.batch < 0) return fail(ErrorCode::usage, "the batch must be positive");
  std::int64_t batch =
      options.batch > 0 ? std::min(options.batch, runtime.batch()) : runtime.batch();
  if (!options.last_only) batch = std::min(batch, runtime.max_out_rows());
  impl_->kept.drop(runtime);
  const auto opened = runtime.open_sequence();
  if (!opened) return fail(opened);
  const Borrowed sequence{runtime, *opened};
  runtime.set_long(sequence.id, runtime.model().is_long(std::ssize(tokens)));
  const auto n_vocab = static_cast<std::size_t>(this->n_vocab());
  std::vector<StepRow> rows;
  for (std::size_t at = 0; at < tokens.size(); at += rows.size()) {
    const std::size_t end = std::min(tokens.size(), at + static_cast<std::size_t>(batch));
    rows.clear();
    for (std::size_t i = at; i < end; ++i)
      rows.push_back({tokens[i], sequence.id, !options.last_only || i + 1 == tokens.size()});
    const auto logits = runtime.step(rows, options.cancel);
    if (!logits) return fail(logits);
    for (std::size_t i = 0; i < logits->size(); i += n_vocab)
      if (Status s = row(logits->subspan(i, n_vocab)); !s) return s;
  }
  return {};
}

}  // namespace tenon
