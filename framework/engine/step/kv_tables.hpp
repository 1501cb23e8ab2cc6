// KvTables: which pages hold the positions of each sequence, group by group. Bookkeeping only: the
// rows themselves lie in the pools of devices.
#pragma once

#include <tenon/abi/state.h>

#include <span>

#include "framework/engine/load/caches.hpp"
#include "framework/engine/step/kv_pages.hpp"

namespace tenon {

using SequenceId = std::uint32_t;

// A sequence gets `rows` more positions in a step; it occurs once in the step.
struct Growth {
  SequenceId sequence;
  std::int64_t rows;
};

// The rows of `sequence` in page `from` are to be copied to page `to` before it writes there.
struct PageCopy {
  std::uint32_t group;
  SequenceId sequence;
  std::int32_t from, to;
};

// A step finds its pages when no group needs more than there are.
struct PageDemand {
  std::uint32_t needed, available;
};

// Sequences may share pages; one that would write to a shared page gets a copy first. Pages behind
// the window of their group are spare: the sequence holds them as long as nobody needs them, which
// lets it be truncated a little; a spare page is never shared. After construction nothing allocates.
// One thread at a time.
class KvTables {
 public:
  KvTables(std::span<const KvGroup> groups, std::size_t n_sequences, std::int64_t n_ctx);

  std::size_t n_groups() const { return groups_.size(); }
  std::int64_t length(SequenceId id) const { return lengths_[id]; }
  // The page of each TN_PAGE_POSITIONS positions. Entries for what no further row can read are
  // those of pages that are perhaps somebody else's now.
  std::span<const std::int32_t> pages(std::uint32_t group, SequenceId id) const {
    return groups_[group].held[id].pages;
  }

  // What the step takes, copies of shared pages included, and what is free or spare.
  PageDemand demand(std::uint32_t group, std::span<const Growth> step) const;

  // A step, once its demand is met. First the pages that it may not write to: their copies have to
  // be made, then keep_copies() puts them in place; drop_copies() leaves everything as it was.
  std::span<const PageCopy> take_copies(std::span<const Growth> step);
  void keep_copies();
  void drop_copies();
  // Then the pages for the new positions; when these are written, advance() says so, otherwise
  // truncate() to the length as it is gives the pages back.
  void grow(std::span<const Growth> step);
  void advance(std::span<const Growth> step);

  // Forgets the positions from `length` on: all of them when a window has lost what the next row
  // would read. Gives the length that is left.
  std::int64_t truncate(SequenceId id, std::int64_t length);

  // The empty sequence `to` gets the positions of `from`; they share the pages.
  void fork(SequenceId from, SequenceId to);

 private:
  struct Held {
    std::size_t first = 0;            // pages before this one were given back
    std::vector<std::int32_t> pages;  // reserved for the whole context
  };
  struct Group {
    std::int64_t window;
    KvPages pool;
    std::vector<Held> held;  // by sequence
  };
  std::size_t spare(const Group& group, SequenceId id) const;
  bool must_copy(const Group& group, std::span<const Growth> step, std::size_t i) const;
  std::int32_t written_page(const Group& group, SequenceId id) const;
  std::int32_t take(Group& group);
  bool readable(SequenceId id, std::int64_t length) const;

  std::vector<Group> groups_;
  std::vector<std::int64_t> lengths_;
  std::vector<PageCopy> copies_;
};

}  // namespace tenon
