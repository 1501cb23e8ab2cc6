// Every plugin that breaks the contract is refused with its reason, in the probe as in the process.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <ostream>

#include "tests/faults/plugins/scratch.hpp"

namespace tenon::test {
namespace {

struct Bad {
  const char* fixture;
  const char* reason;    // what `tenon plugins` says
  bool harmful = false;  // only the probe can tell: loading it unprobed would end this process
};

void PrintTo(const Bad& bad, std::ostream* out) { *out << bad.fixture; }

constexpr Bad k_bad[] = {
    {"wrong_major", "built for ABI 2.0, this host has 1.0"},
    {"only_v2_symbol", "exports no tenon_plugin_query_v1"},
    {"newer_minor", "needs ABI 1.9, this host has 1.0"},
    {"newer_minor_in_code", "needs ABI 1.9, this host has 1.0"},
    {"built_for_another_minor",
     "its manifest says ABI 1.0 (at least 1.0), its code 1.9 (at least 1.0)"},
    {"another_draft", "built against another draft of the contract: rebuild"},
    {"no_draft", "built against another draft of the contract: rebuild"},
    {"short_plugin", "lying struct_size: tn_plugin says 16 bytes"},
    {"short_factory", "lying struct_size: tn_kernel_factory says 8 bytes"},
    {"short_kernel", "lying struct_size: tn_kernel_desc says 24 bytes"},
    {"huge_kernel", "lying struct_size: tn_kernel_desc says 2147483392 bytes"},
    {"null_run", "test.fixture.kernel: tn_cpu_kernel.run is NULL"},
    {"null_get_factory", "tn_plugin.get_factory is NULL"},
    {"null_kernel_id", "tn_kernel_desc.id is NULL"},
    {"null_submit", "tn_device_api.submit is NULL"},
    {"same_kernel_twice", "tn_kernel_desc test.fixture.future is listed twice"},
    {"no_factory", "its manifest promises kernels, but it has no tenon.kernels/1"},
    {"other_id", "its manifest says test.fixture, its code test.somebody_else"},
    {"init_fails", "init failed: the moon is not full"},
    {"needs_cpu", "needs the CPU feature amx_fp8_none, which is not here"},
    {"wrong_sanitizer", "the address sanitizer, this host"},
    {"no_manifest", "no Tenon manifest: not a Tenon plugin"},
    {"garbage_manifest", "bad manifest: not valid JSON"},
    {"unresolved", "unresolved symbol foo_bar"},
    {"throw_in_init", "threw from init"},
    {"crash_on_load", "crashed while loading: signal 11 (SIGSEGV)", true},
    {"crash_in_init", "crashed in init: signal 11 (SIGSEGV)", true},
    {"crash_in_enumerate", "crashed while listing its devices: signal 11 (SIGSEGV)", true},
    {"killed_on_load", "was killed while loading: signal 9 (SIGKILL)", true},
    {"exit_on_load", "called exit(7) while loading", true},
};

class BadPlugin : public testing::TestWithParam<Bad> {};
class MalformedPlugin : public testing::TestWithParam<Bad> {};

void expect_refused(const Catalog& catalog, const Bad& bad) {
  const ListedPlugin refused = candidate(catalog, std::string(bad.fixture) + ".tenon.so");
  EXPECT_FALSE(refused.loaded);
  EXPECT_THAT(refused.reason, testing::HasSubstr(bad.reason));
  EXPECT_THAT(refused.reason, testing::Not(testing::HasSubstr("\n")));
  EXPECT_TRUE(candidate(catalog, "good.tenon.so").loaded);
  EXPECT_EQ(catalog.kernels().size(), 1u);
}

TEST_P(BadPlugin, IsRefusedByTheProbeWhileAGoodOneLoads) {
  const Scratch scratch;
  scratch.add("good");
  scratch.add(GetParam().fixture);
  const HostTable host;
  const auto catalog = Catalog::scan(host, scratch.options());
  ASSERT_TRUE(catalog);
  expect_refused(*catalog, GetParam());
}

TEST_P(MalformedPlugin, IsRefusedInTheProcessWithoutAProbe) {
  const Scratch scratch;
  scratch.add("good");
  scratch.add(GetParam().fixture);
  ScanOptions options = scratch.options();
  options.prober = {};
  const HostTable host;
  const auto catalog = Catalog::scan(host, options);
  ASSERT_TRUE(catalog);
  expect_refused(*catalog, GetParam());
}

TEST_P(BadPlugin, NamedByTheUserIsAnError) {
  const Scratch scratch;
  ScanOptions options = scratch.options();
  options.files = {scratch.add(GetParam().fixture)};
  const HostTable host;
  const auto catalog = Catalog::scan(host, options);
  ASSERT_FALSE(catalog);
  EXPECT_EQ(catalog.error().code(), ErrorCode::unavailable);
  EXPECT_THAT(catalog.error().message(), testing::HasSubstr(GetParam().fixture));
  EXPECT_THAT(catalog.error().message(), testing::HasSubstr(GetParam().reason));
}

INSTANTIATE_TEST_SUITE_P(All, BadPlugin, testing::ValuesIn(k_bad),
                         [](const auto& instance) { return std::string(instance.param.fixture); });

std::vector<Bad> harmless() {
  std::vector<Bad> rows;
  std::copy_if(std::begin(k_bad), std::end(k_bad), std::back_inserter(rows),
               [](const Bad& bad) { return !bad.harmful; });
  return rows;
}

INSTANTIATE_TEST_SUITE_P(All, MalformedPlugin, testing::ValuesIn(harmless()),
                         [](const auto& instance) { return std::string(instance.param.fixture); });

TEST(AllPlugins, TogetherInOneFolderGiveTheSameTwice) {
  const Scratch scratch;
  scratch.add("good");
  scratch.add("good_again");
  scratch.add("good_backend");
  scratch.add("newer_but_willing");
  scratch.add("print_on_load");
  for (const Bad& bad : k_bad) scratch.add(bad.fixture);
  const HostTable host;
  const auto first = Catalog::scan(host, scratch.options());
  const auto second = Catalog::scan(host, scratch.options());
  ASSERT_TRUE(first && second);
  ASSERT_EQ(first->candidates().size(), std::size(k_bad) + 5);
  ASSERT_EQ(second->candidates().size(), first->candidates().size());
  for (std::size_t i = 0; i < first->candidates().size(); ++i) {
    const ListedPlugin &a = first->candidates()[i], &b = second->candidates()[i];
    EXPECT_EQ(a.path, b.path);
    EXPECT_EQ(a.loaded, b.loaded) << a.path;
    EXPECT_EQ(a.reason, b.reason);
  }
  EXPECT_EQ(first->kernels().size(), 4u);
  ASSERT_EQ(second->backends().size(), 1u);
  EXPECT_NE(first->find_backend("paper"), nullptr);
}

TEST(GoodPlugin, OffersWhatTheMachineCanRun) {
  const Scratch scratch;
  scratch.add("good");
  const HostTable host;
  const auto catalog = Catalog::scan(host, scratch.options());
  ASSERT_TRUE(catalog);
  const ListedPlugin good = candidate(*catalog, "good.tenon.so");
  EXPECT_TRUE(good.loaded) << good.reason;
  EXPECT_EQ(good.id, "test.good");
  EXPECT_EQ(good.version, "1.2.3");
  EXPECT_EQ(good.abi, "1.0");
  EXPECT_THAT(good.kinds, testing::ElementsAre("kernels"));
  EXPECT_THAT(good.offers, testing::ElementsAre("test.good.pack"));
  ASSERT_EQ(catalog->kernels().size(), 1u);
  EXPECT_STREQ(catalog->kernels()[0].desc->id, "test.good.kernel");
  ASSERT_EQ(catalog->dropped_kernels().size(), 1u);
  EXPECT_EQ(catalog->dropped_kernels()[0].dropped, "needs cpu.amx_fp8_none, which is not here");
  EXPECT_EQ(catalog->layouts().size(), 1u);
}

TEST(GoodPlugin, OnAMachineOfTheFutureRunsBothKernels) {
  const Scratch scratch;
  scratch.add("good");
  ScanOptions options = scratch.options();
  options.cpu = CpuFeatures({"amx_fp8_none"});
  const HostTable host;
  const auto catalog = Catalog::scan(host, options);
  ASSERT_TRUE(catalog);
  EXPECT_EQ(catalog->kernels().size(), 2u);
}

TEST(GoodPlugin, StillLoadsStripped) {
  const Scratch scratch;
  scratch.add("stripped");
  const HostTable host;
  const auto catalog = Catalog::scan(host, scratch.options());
  ASSERT_TRUE(catalog);
  EXPECT_TRUE(candidate(*catalog, "stripped.tenon.so").loaded);
}

// Built for ABI 1.9 but content with 1.0, and with a kind that this host does not know.
TEST(GoodPlugin, NewerThanTheHostLoadsIfItsMinimumIsMet) {
  const Scratch scratch;
  scratch.add("newer_but_willing");
  scratch.add("good_backend");
  const HostTable host;
  const auto catalog = Catalog::scan(host, scratch.options());
  ASSERT_TRUE(catalog);
  EXPECT_TRUE(candidate(*catalog, "newer_but_willing.tenon.so").loaded);
  EXPECT_TRUE(candidate(*catalog, "good_backend.tenon.so").loaded);
}

TEST(SameId, TheFirstInTheSearchOrderWins) {
  const Scratch first, second;
  const auto winner = second.add("good_again");
  first.add("good");
  ScanOptions options = first.options();
  options.files = {winner};
  const HostTable host;
  const auto catalog = Catalog::scan(host, options);
  ASSERT_TRUE(catalog);
  const ListedPlugin loser = candidate(*catalog, "good.tenon.so");
  EXPECT_FALSE(loser.loaded);
  EXPECT_EQ(loser.reason, "test.good is already loaded from " + winner.string());
  EXPECT_TRUE(candidate(*catalog, "good_again.tenon.so").loaded);
}

// What users and rules choose by name belongs to one plugin; the second one is refused as a whole.
TEST(SameName, OfKernelPackOrBackendBelongsToTheFirst) {
  const Scratch scratch;
  const auto good = scratch.add("good", "a.tenon.so"),
             backend = scratch.add("good_backend", "b.tenon.so");
  for (const char* fixture : {"takes_kernel", "takes_pack", "takes_backend"}) scratch.add(fixture);
  const HostTable host;
  const auto catalog = Catalog::scan(host, scratch.options());
  ASSERT_TRUE(catalog);
  const auto reason_of = [&](const char* fixture) {
    return candidate(*catalog, std::string(fixture) + ".tenon.so").reason;
  };
  EXPECT_EQ(reason_of("takes_kernel"),
            "its kernel test.good.kernel is already offered by " + good.string());
  EXPECT_EQ(reason_of("takes_pack"),
            "its kernel pack test.good.pack is already offered by " + good.string());
  EXPECT_EQ(reason_of("takes_backend"),
            "its backend paper is already offered by " + backend.string());
  EXPECT_EQ(catalog->kernels().size(), 2u);
  EXPECT_EQ(catalog->packs().size(), 2u);
  EXPECT_EQ(catalog->backends().size(), 1u);
}

// By another path, a link or a second mention: one file is one candidate.
TEST(SameFile, IsListedOnce) {
  const Scratch scratch, links;
  const auto good = scratch.add("good");
  scratch.add("wrong_major");
  const auto link = links.folder() / "link";
  std::filesystem::create_directory_symlink(scratch.folder(), link);
  ScanOptions options = scratch.options();
  options.files = {good, good, link / "good.tenon.so"};
  options.directories = {scratch.folder(), scratch.folder() / ".", link, scratch.folder()};
  const HostTable host;
  const auto catalog = Catalog::scan(host, options);
  ASSERT_TRUE(catalog) << catalog.error().message();
  EXPECT_EQ(catalog->candidates().size(), 2u);
  EXPECT_TRUE(candidate(*catalog, "good.tenon.so").loaded);
}

}  // namespace
}  // namespace tenon::test
