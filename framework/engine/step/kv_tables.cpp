// Pages of sequences: growing, sharing, copying before a write, and giving back behind a window.
#include "framework/engine/step/kv_tables.hpp"

#include <algorithm>

namespace tenon {
namespace {

std::size_t page_of(std::int64_t position) {
  return static_cast<std::size_t>(position / TN_PAGE_POSITIONS);
}
std::size_t pages_for(std::int64_t length) { return page_of(length + TN_PAGE_POSITIONS - 1); }

// The first page that a row at position `length`, or a later one, reads.
std::size_t first_read(std::int64_t window, std::int64_t length) {
  return window == 0 ? 0 : page_of(std::max<std::int64_t>(0, length - window + 1));
}

}  // namespace

KvTables::KvTables(std::span<const KvGroup> groups, std::size_t n_sequences, std::int64_t n_ctx)
    : lengths_(n_sequences) {
  for (const KvGroup& g : groups) {
    groups_.push_back(
        {g.window, KvPages(static_cast<std::uint32_t>(g.n_pages)), std::vector<Held>(n_sequences)});
    for (Held& held : groups_.back().held) held.pages.reserve(pages_for(n_ctx));
  }
  copies_.reserve(groups.size() * n_sequences);
}

std::size_t KvTables::spare(const Group& group, SequenceId id) const {
  const std::size_t read = first_read(group.window, lengths_[id]);
  return read - std::min(read, group.held[id].first);
}

// Where the next row goes, if that page holds rows already; otherwise -1.
std::int32_t KvTables::written_page(const Group& group, SequenceId id) const {
  const std::int64_t length = lengths_[id];
  return length % TN_PAGE_POSITIONS == 0 ? -1 : group.held[id].pages[page_of(length)];
}

// Of those that write to one page in a step, the last needs no copy if nobody else holds it.
bool KvTables::must_copy(const Group& group, std::span<const Growth> step, std::size_t i) const {
  const std::int32_t page = written_page(group, step[i].sequence);
  if (page < 0 || group.pool.holders(page) == 1) return false;
  const auto before = std::ranges::count_if(
      step.first(i), [&](const Growth& g) { return written_page(group, g.sequence) == page; });
  return before + 1 < group.pool.holders(page);
}

PageDemand KvTables::demand(std::uint32_t group, std::span<const Growth> step) const {
  const Group& g = groups_[group];
  std::size_t needed = 0, available = g.pool.available();
  for (std::size_t i = 0; i < step.size(); ++i) {
    const SequenceId id = step[i].sequence;
    needed += pages_for(lengths_[id] + step[i].rows) - g.held[id].pages.size();
    if (must_copy(g, step, i)) ++needed;
  }
  for (SequenceId id = 0; id < lengths_.size(); ++id) available += spare(g, id);
  return {static_cast<std::uint32_t>(needed), static_cast<std::uint32_t>(available)};
}

// A free page, or else one that its sequence does not need.
std::int32_t KvTables::take(Group& group) {
  for (SequenceId id = 0; group.pool.available() == 0; ++id) {
    if (spare(group, id) == 0) continue;
    Held& held = group.held[id];
    group.pool.give_back(held.pages[held.first++]);
  }
  return *group.pool.take();
}

std::span<const PageCopy> KvTables::take_copies(std::span<const Growth> step) {
  copies_.clear();
  for (std::uint32_t g = 0; g < groups_.size(); ++g)
    for (std::size_t i = 0; i < step.size(); ++i)
      if (must_copy(groups_[g], step, i))
        copies_.push_back(
            {g, step[i].sequence, written_page(groups_[g], step[i].sequence), take(groups_[g])});
  return copies_;
}

void KvTables::keep_copies() {
  for (const PageCopy& c : copies_) {
    groups_[c.group].held[c.sequence].pages.back() = c.to;
    groups_[c.group].pool.give_back(c.from);
  }
  copies_.clear();
}

void KvTables::drop_copies() {
  for (const PageCopy& c : copies_) groups_[c.group].pool.give_back(c.to);
  copies_.clear();
}

void KvTables::grow(std::span<const Growth> step) {
  for (Group& group : groups_)
    for (const Growth& g : step) {
      std::vector<std::int32_t>& pages = group.held[g.sequence].pages;
      while (pages.size() < pages_for(lengths_[g.sequence] + g.rows)) pages.push_back(take(group));
    }
}

void KvTables::advance(std::span<const Growth> step) {
  for (const Growth& g : step) {
    const std::int64_t before = lengths_[g.sequence];
    lengths_[g.sequence] += g.rows;
    for (Group& group : groups_) {
      Held& held = group.held[g.sequence];
      const std::size_t was = std::max(held.first, first_read(group.window, before));
      std::size_t shared = first_read(group.window, lengths_[g.sequence]);
      while (shared > was && group.pool.holders(held.pages[shared - 1]) == 1) --shared;
      if (shared <= was) continue;
      while (held.first < shared) group.pool.give_back(held.pages[held.first++]);
    }
  }
}

bool KvTables::readable(SequenceId id, std::int64_t length) const {
  return std::ranges::all_of(
      groups_, [&](const Group& g) { return g.held[id].first <= first_read(g.window, length); });
}

std::int64_t KvTables::truncate(SequenceId id, std::int64_t length) {
  const std::int64_t kept = std::min(length, lengths_[id]);
  lengths_[id] = readable(id, kept) ? kept : 0;
  for (Group& group : groups_) {
    Held& held = group.held[id];
    while (held.pages.size() > pages_for(lengths_[id])) {
      if (held.pages.size() > held.first) group.pool.give_back(held.pages.back());
      held.pages.pop_back();
    }
    held.first = std::min(held.first, held.pages.size());
  }
  return lengths_[id];
}

void KvTables::fork(SequenceId from, SequenceId to) {
  lengths_[to] = lengths_[from];
  for (Group& group : groups_) {
    const Held& source = group.held[from];
    Held& held = group.held[to];
    held.pages.assign(source.pages.begin(), source.pages.end());
    held.first = source.first + spare(group, from);
    for (std::size_t p = held.first; p < held.pages.size(); ++p) group.pool.share(held.pages[p]);
  }
}

}  // namespace tenon
