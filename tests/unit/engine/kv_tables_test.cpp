// Pages of sequences against a model that is as simple as can be: every sequence has its own list of
// what it wrote, the pools are arrays. Whatever is done in whatever order, a sequence finds what it
// wrote, and the pages that nobody can read are exactly those that there are to take.
#include "framework/engine/step/kv_tables.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "framework/engine/load/loader.hpp"

namespace tenon::testing {
namespace {

constexpr std::int64_t k_page = TN_PAGE_POSITIONS, k_context = 300, k_batch = 70;
constexpr std::size_t k_sequences = 4;

std::int64_t first_read(std::int64_t window, std::int64_t length) {
  return window == 0 ? 0 : std::max<std::int64_t>(0, length - window + 1);
}

class World {
 public:
  World(std::vector<KvGroup> groups, std::uint32_t seed)
      : groups_(std::move(groups)), tables_(groups_, k_sequences, k_context), random_(seed) {
    for (const KvGroup& g : groups_) cells_.emplace_back(g.n_pages * k_page, -1);
  }

  std::int64_t below(std::int64_t n) {
    return std::uniform_int_distribution<std::int64_t>(0, n - 1)(random_);
  }
  SequenceId any() { return static_cast<SequenceId>(below(k_sequences)); }

  // Some sequences and some rows for each, together at most a batch.
  std::vector<Growth> a_step() {
    std::vector<SequenceId> ids = {0, 1, 2, 3};
    std::ranges::shuffle(ids, random_);
    ids.resize(static_cast<std::size_t>(1 + below(k_sequences)));
    std::vector<Growth> step;
    std::int64_t left = k_batch;
    for (const SequenceId id : ids) {
      const std::int64_t most = std::min(left, k_context - tables_.length(id));
      if (most > 0)
        step.push_back({id, 1 + below(below(3) == 0 ? most : std::min<std::int64_t>(most, 3))});
      if (most > 0) left -= step.back().rows;
    }
    return step;
  }

  bool has_room(std::span<const Growth> step) const {
    for (std::uint32_t g = 0; g < groups_.size(); ++g)
      if (tables_.demand(g, step).needed > tables_.demand(g, step).available) return false;
    return true;
  }

  enum class End { written, copies_fail, rows_fail };
  void run(const std::vector<Growth>& step, End end) {
    std::vector<PageDemand> before;
    for (std::uint32_t g = 0; g < groups_.size(); ++g) before.push_back(tables_.demand(g, step));
    const auto copies = tables_.take_copies(step);
    for (const PageCopy& c : copies)
      std::copy_n(cells_[c.group].begin() + c.from * k_page, k_page,
                  cells_[c.group].begin() + c.to * k_page);
    if (end == End::copies_fail) return tables_.drop_copies();
    tables_.keep_copies();
    tables_.grow(step);
    for (std::uint32_t g = 0; g < groups_.size(); ++g)
      EXPECT_EQ(tables_.demand(g, {}).available, before[g].available - before[g].needed);
    for (const Growth& g : step)
      for (std::int64_t i = 0; i < g.rows; ++i) write(g.sequence, tables_.length(g.sequence) + i);
    if (end == End::written) return tables_.advance(step);
    for (const Growth& g : step) {
      written_[g.sequence].resize(static_cast<std::size_t>(tables_.length(g.sequence)));
      tables_.truncate(g.sequence, tables_.length(g.sequence));
    }
  }

  // A window may have lost what is needed to go on from there: then nothing is left.
  void truncate(SequenceId id, std::int64_t length) {
    const std::int64_t before = tables_.length(id), left = tables_.truncate(id, length);
    EXPECT_EQ(left, tables_.length(id));
    EXPECT_TRUE(left == std::min(length, before) || (windowed() && left == 0 && length < before));
    written_[id].resize(static_cast<std::size_t>(left));
  }
  void fork(SequenceId from, SequenceId to) {
    truncate(to, 0);
    tables_.fork(from, to);
    written_[to] = written_[from];
  }

  void check() const {
    for (std::uint32_t g = 0; g < groups_.size(); ++g) {
      std::set<std::int32_t> read;
      for (SequenceId id = 0; id < k_sequences; ++id) {
        const auto pages = tables_.pages(g, id);
        const std::int64_t length = tables_.length(id);
        ASSERT_EQ(length, std::ssize(written_[id]));
        for (std::int64_t p = first_read(groups_[g].window, length); p < length; ++p)
          ASSERT_EQ(cells_[g][cell(pages, p)], written_[id][static_cast<std::size_t>(p)])
              << "sequence " << id << ", window " << groups_[g].window << ", position " << p;
        const auto first = static_cast<std::size_t>(first_read(groups_[g].window, length) / k_page);
        for (std::size_t p = first; p < pages.size(); ++p) read.insert(pages[p]);
      }
      const PageDemand pages = tables_.demand(g, {});
      EXPECT_EQ(pages.needed, 0u);
      ASSERT_EQ(pages.available, groups_[g].n_pages - read.size())
          << "window " << groups_[g].window;
    }
  }

 private:
  bool windowed() const {
    return std::ranges::any_of(groups_, [](const KvGroup& g) { return g.window > 0; });
  }
  static std::size_t cell(std::span<const std::int32_t> pages, std::int64_t position) {
    return static_cast<std::size_t>(pages[static_cast<std::size_t>(position / k_page)] * k_page +
                                    position % k_page);
  }
  void write(SequenceId id, std::int64_t position) {
    written_[id].push_back(++stamp_);
    for (std::uint32_t g = 0; g < groups_.size(); ++g)
      cells_[g][cell(tables_.pages(g, id), position)] = stamp_;
  }

  std::vector<KvGroup> groups_;
  KvTables tables_;
  std::mt19937 random_;
  std::vector<std::vector<std::int64_t>> cells_;
  std::vector<std::int64_t> written_[k_sequences];
  std::int64_t stamp_ = 0;
};

// Pools of every size: what all need, less, and more.
std::vector<KvGroup> some_groups(std::uint32_t seed) {
  const std::uint64_t pages = 6 + seed % 17;
  return {{0, pages}, {1, pages}, {7, pages}, {64, pages}, {100, pages}, {250, pages}};
}

TEST(KvTables, HoldWhatWasWrittenAndNothingElse) {
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(seed);
    World world(some_groups(seed), seed);
    int steps = 0, refused = 0;
    for (int i = 0; i < 400 && !::testing::Test::HasFatalFailure(); ++i) {
      const std::int64_t what = world.below(20);
      const SequenceId id = world.any(), other = world.any();
      if (what == 0) world.truncate(id, world.below(k_context));
      if (what == 1) world.truncate(id, 0);
      if (what == 2 && id != other) world.fork(id, other);
      if (what > 2) {
        const auto step = world.a_step();
        const World::End end = what == 3   ? World::End::copies_fail
                               : what == 4 ? World::End::rows_fail
                                           : World::End::written;
        world.has_room(step) ? ++steps : ++refused;
        if (world.has_room(step)) world.run(step, end);
      }
      world.check();
    }
    EXPECT_GT(steps, 10);
    EXPECT_TRUE(refused > 0 || seed % 17 > 0);
    for (SequenceId id = 0; id < k_sequences; ++id) world.truncate(id, 0);
    world.check();
  }
}

// The pages that are planned are enough for sequences that share none, however their rows fall.
TEST(KvTables, NeverLackAPageThatWasPlanned) {
  LoadOptions options;
  options.n_ctx = k_context;
  options.batch = k_batch;
  options.max_sequences = k_sequences;
  std::vector<KvGroup> groups;
  for (const std::int64_t window : {0, 1, 2, 7, 63, 64, 65, 66, 100, 129, 250, 1000})
    groups.push_back({window, pages_in_use(options, window)});
  EXPECT_EQ(groups[0].n_pages, 20u);
  EXPECT_LT(groups[3].n_pages, groups[0].n_pages);
  for (std::uint32_t seed = 0; seed < 40; ++seed) {
    World world(groups, seed);
    for (int i = 0; i < 300; ++i) {
      if (world.below(12) == 0) world.truncate(world.any(), world.below(k_context));
      const auto step = world.a_step();
      ASSERT_TRUE(world.has_room(step));
      world.run(step, World::End::written);
    }
    world.check();
  }
}

// A sequence of any length holds a window, not the context.
TEST(KvTables, AWindowIsEnoughForALongSequence) {
  constexpr std::int64_t length = 32768;
  LoadOptions options;
  options.n_ctx = length;
  options.batch = 512;
  const KvGroup group{512, pages_in_use(options, 512)};
  EXPECT_LE(group.n_pages, 18u);
  KvTables tables({&group, 1}, 1, length);
  for (std::int64_t at = 0; at < length; at += 512) {
    const Growth step{0, 512};
    const PageDemand pages = tables.demand(0, {&step, 1});
    ASSERT_LE(pages.needed, pages.available) << at;
    tables.grow({&step, 1});
    tables.advance({&step, 1});
  }
  EXPECT_EQ(tables.truncate(0, length - 10), length - 10);  // its pages are held still
  EXPECT_EQ(tables.truncate(0, length - 2000), 0);
}

}  // namespace
}  // namespace tenon::testing
