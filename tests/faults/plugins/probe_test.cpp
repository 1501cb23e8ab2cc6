// The probe: its time limit, what it leaves behind, and its cache.
#include "framework/plugin/probe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <tenon/abi/sizes_1_0.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/faults/plugins/scratch.hpp"

namespace {
std::atomic<int> kills_of_groups = 0, kills_after_the_end = 0;
}  // namespace

// Stands before the C library's: a group whose leader was reaped may be somebody else's by now.
extern "C" int kill(pid_t pid, int signal) noexcept {
  if (pid < -1) {
    ++kills_of_groups;
    siginfo_t info{};
    const int known = waitid(P_PID, static_cast<id_t>(-pid), &info, WEXITED | WNOHANG | WNOWAIT);
    if (known != 0 && errno == ECHILD) ++kills_after_the_end;
  }
  return static_cast<int>(syscall(SYS_kill, pid, signal));
}

namespace tenon::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

// Scans a folder with the good plugin and one fixture; returns the fixture's candidate.
ListedPlugin scan_one(const Scratch& scratch, const char* fixture, Prober prober) {
  scratch.add("good");
  scratch.add(fixture);
  ScanOptions options = scratch.options();
  options.prober = std::move(prober);
  const HostTable host;
  const auto catalog = Catalog::scan(host, options);
  EXPECT_TRUE(catalog);
  EXPECT_TRUE(candidate(*catalog, "good.tenon.so").loaded);
  return candidate(*catalog, std::string(fixture) + ".tenon.so");
}

TEST(Probe, StopsAPluginThatHangs) {
  const Scratch scratch;
  const auto start = std::chrono::steady_clock::now();
  const ListedPlugin hung =
      scan_one(scratch, "hang_on_load", make_prober({.program = TENON_PROBE, .limit = 700ms}));
  EXPECT_EQ(hung.reason, "did not answer within 0.7 s while loading");
  EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
}

TEST(Probe, DefaultLimitIsFiveSeconds) { EXPECT_EQ(ProbeOptions{}.limit, 5s); }

// A child of the plugin that holds the pipe open neither delays the verdict nor survives it.
TEST(Probe, DoesNotWaitForWhatThePluginStarted) {
  const Scratch scratch;
  const auto start = std::chrono::steady_clock::now();
  int calls = 0;
  const Prober prober = make_prober({.program = TENON_PROBE});
  const ListedPlugin spawner = scan_one(scratch, "spawn_on_load", [&](const ProbeRequest& request) {
    ++calls;
    const std::string reason = prober(request);
    const bool spawns = request.path.filename() == "spawn_on_load.tenon.so";
    return reason.empty() && spawns ? std::string("good enough, not to be loaded here") : reason;
  });
  EXPECT_EQ(spawner.reason, "good enough, not to be loaded here");
  EXPECT_EQ(calls, 2);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 4s);
}

// Every way a probe ends: with a verdict, by a crash, by an exit, at the time limit.
TEST(Probe, KillsTheGroupBeforeItReapsItsLeader) {
  kills_of_groups = kills_after_the_end = 0;
  for (const char* fixture : {"good_backend", "crash_on_load", "exit_on_load", "hang_on_load"}) {
    const Scratch scratch;
    scan_one(scratch, fixture, make_prober({.program = TENON_PROBE, .limit = 700ms}));
  }
  EXPECT_EQ(kills_of_groups, 8);
  EXPECT_EQ(kills_after_the_end, 0);
}

TEST(Probe, WithoutItsProgramNothingLoads) {
  const Scratch scratch;
  scratch.add("good");
  ScanOptions options = scratch.options();
  options.prober = make_prober({.program = scratch.folder() / "no-such-program"});
  const HostTable host;
  const auto catalog = Catalog::scan(host, options);
  ASSERT_TRUE(catalog);
  EXPECT_THAT(candidate(*catalog, "good.tenon.so").reason, testing::HasSubstr("cannot be probed"));
}

// A stand-in for tenon-probe that counts its runs and passes them on.
struct CountingProgram {
  explicit CountingProgram(const Scratch& scratch)
      : program(scratch.folder() / "probe.sh"), log(scratch.folder() / "runs") {
    std::ofstream(program) << "#!/bin/sh\necho run >> " << log.string() << "\nexec " << TENON_PROBE
                           << " \"$@\"\n";
    fs::permissions(program, fs::perms(0755));
  }
  int runs() const {
    std::ifstream file(log);
    int n = 0;
    for (std::string line; std::getline(file, line);) ++n;
    return n;
  }
  fs::path program, log;
};

// What stands in for the program is run by nobody if somebody else could have put it there.
TEST(ProbeProgram, IsCheckedAsPluginsAre) {
  const auto reason_with = [](auto damage) {
    const Scratch scratch, tools;
    const CountingProgram counting(tools);
    damage(tools.folder(), counting.program);
    scratch.add("good");
    ScanOptions scan = scratch.options();
    scan.prober = make_prober({.program = counting.program});
    const HostTable host;
    const auto catalog = Catalog::scan(host, scan);
    EXPECT_EQ(counting.runs(), 0);
    return candidate(*catalog, "good.tenon.so").reason;
  };
  EXPECT_THAT(reason_with([](auto&, auto& file) { fs::permissions(file, fs::perms(0775)); }),
              testing::HasSubstr("writable by its group"));
  EXPECT_THAT(reason_with([](auto& folder, auto&) { fs::permissions(folder, fs::perms(0777)); }),
              testing::HasSubstr("its folder is writable by others"));
  EXPECT_THAT(reason_with([](auto& folder, auto&) { chmod(folder.c_str(), 01777); }),
              testing::HasSubstr("its folder is writable by others"));
  EXPECT_THAT(reason_with([](auto& folder, auto& file) {
                fs::rename(file, folder / "real.sh");
                fs::create_symlink(folder / "real.sh", file);
              }),
              testing::HasSubstr("a symbolic link"));
  if (geteuid() != 0) GTEST_SKIP() << "CANNOT TEST OWNERS: only root can give files away";
  EXPECT_THAT(
      reason_with([](auto&, auto& file) { EXPECT_EQ(chown(file.c_str(), 12345, 12345), 0); }),
      testing::HasSubstr("owned by user 12345"));
  EXPECT_THAT(
      reason_with([](auto& folder, auto&) { EXPECT_EQ(chown(folder.c_str(), 12345, 12345), 0); }),
      testing::HasSubstr("its folder is owned by user 12345"));
}

TEST(ProbeCache, RemembersCrashesAndGoodResults) {
  const Scratch scratch, tools;
  const CountingProgram counting(tools);
  const ProbeOptions options{.program = counting.program, .cache = tools.folder() / "c/probe.json"};
  const ListedPlugin first = scan_one(scratch, "crash_on_load", make_prober(options));
  EXPECT_EQ(counting.runs(), 2);
  const ListedPlugin second = scan_one(scratch, "crash_on_load", make_prober(options));
  EXPECT_EQ(counting.runs(), 2);
  EXPECT_EQ(first.reason, "crashed while loading: signal 11 (SIGSEGV)");
  EXPECT_EQ(second.reason, first.reason);
}

// Moves every result in the cache by so many hours.
void shift_times(const fs::path& cache, long hours) {
  nlohmann::json json = nlohmann::json::parse(std::ifstream(cache));
  for (auto& [key, result] : json["results"].items())
    result["time"] = result["time"].get<long>() + hours * 3600;
  std::ofstream(cache) << json;
}

TEST(ProbeCache, RefusalsAreForgottenAfterADayGoodResultsNever) {
  const Scratch scratch, tools;
  const CountingProgram counting(tools);
  const ProbeOptions options{.program = counting.program, .cache = tools.folder() / "probe.json"};
  scan_one(scratch, "crash_on_load", make_prober(options));
  shift_times(options.cache, -23);
  scan_one(scratch, "crash_on_load", make_prober(options));
  EXPECT_EQ(counting.runs(), 2);
  shift_times(options.cache, -2);
  scan_one(scratch, "crash_on_load", make_prober(options));
  EXPECT_EQ(counting.runs(), 3);
  shift_times(options.cache, 100 * 24);  // a clock that was wrong
  scan_one(scratch, "crash_on_load", make_prober(options));
  EXPECT_EQ(counting.runs(), 4);
}

// A machine that was busy, or short of memory, says nothing about the plugin.
TEST(ProbeCache, NeverRemembersTimeOutsAndKills) {
  const Scratch scratch, tools;
  const CountingProgram counting(tools);
  const ProbeOptions options{
      .program = counting.program, .limit = 700ms, .cache = tools.folder() / "probe.json"};
  for (const char* fixture : {"hang_on_load", "killed_on_load"}) {
    const int before = counting.runs();
    const ListedPlugin first = scan_one(scratch, fixture, make_prober(options));
    const ListedPlugin second = scan_one(scratch, fixture, make_prober(options));
    EXPECT_EQ(second.reason, first.reason);
    EXPECT_EQ(counting.runs() - before, before == 0 ? 3 : 2) << fixture;
    fs::remove(scratch.folder() / (std::string(fixture) + ".tenon.so"));
  }
}

TEST(ProbeCache, RetryRunsOnlyWhatWasRefused) {
  const Scratch scratch, tools;
  const CountingProgram counting(tools);
  ProbeOptions options{.program = counting.program, .cache = tools.folder() / "probe.json"};
  scan_one(scratch, "crash_on_load", make_prober(options));
  options.retry = Retry::refused;
  scan_one(scratch, "crash_on_load", make_prober(options));
  EXPECT_EQ(counting.runs(), 3);
}

TEST(ProbeCache, ChangedFileIsProbedAgain) {
  const Scratch scratch, tools;
  const CountingProgram counting(tools);
  const ProbeOptions options{.program = counting.program, .cache = tools.folder() / "probe.json"};
  scan_one(scratch, "crash_on_load", make_prober(options));
  scratch.add("good_backend", "crash_on_load.tenon.so");
  const HostTable host;
  ScanOptions scan = scratch.options();
  scan.prober = make_prober(options);
  const auto catalog = Catalog::scan(host, scan);
  ASSERT_TRUE(catalog);
  EXPECT_TRUE(candidate(*catalog, "crash_on_load.tenon.so").loaded);
  EXPECT_EQ(counting.runs(), 3);
}

// What behaved with one driver may crash with the next, and the other way round.
TEST(ProbeCache, AnotherDriverIsAnotherPlugin) {
  const Scratch scratch, tools;
  const CountingProgram counting(tools);
  const ProbeOptions options{.program = counting.program, .cache = tools.folder() / "probe.json"};
  const auto scan_with = [&](const char* drivers) {
    return scan_one(scratch, "crash_on_load",
                    [probe = make_prober(options), drivers](ProbeRequest request) {
                      request.drivers = drivers;
                      return probe(request);
                    });
  };
  scan_with("driver 1");
  scan_with("driver 1");
  EXPECT_EQ(counting.runs(), 2);
  scan_with("driver 2");
  EXPECT_EQ(counting.runs(), 4);
  scan_with("");
  EXPECT_EQ(counting.runs(), 6);
}

TEST(Probe, PluginsThatOpenDriversHaveMoreTime) {
  const Scratch scratch;
  const ListedPlugin hung =
      scan_one(scratch, "hang_on_load",
               [probe = make_prober({.program = TENON_PROBE, .limit = 60s, .driver_limit = 700ms})](
                   ProbeRequest request) {
                 request.drivers = "driver 1";
                 return probe(request);
               });
  EXPECT_EQ(hung.reason, "did not answer within 0.7 s while loading");
  EXPECT_EQ(ProbeOptions{}.driver_limit, 10s);
}

// A plugin that behaved under one draft of the contract is a stranger to the next.
TEST(ProbeCache, ResultsOfAnotherDraftAreForgotten) {
  const Scratch scratch, tools;
  const CountingProgram counting(tools);
  const ProbeOptions options{.program = counting.program, .cache = tools.folder() / "probe.json"};
  scan_one(scratch, "crash_on_load", make_prober(options));
  nlohmann::json json = nlohmann::json::parse(std::ifstream(options.cache));
  std::string host = json["host"];
  const auto at = host.find(TN_ABI_DRAFT);
  ASSERT_NE(at, host.npos) << host;
  json["host"] = host.replace(at, std::string_view(TN_ABI_DRAFT).size(), "0123456789abcdef");
  std::ofstream(options.cache) << json;
  scan_one(scratch, "crash_on_load", make_prober(options));
  EXPECT_EQ(counting.runs(), 4);
}

// What depends on the rest of the machine is asked again: the library may be there tomorrow.
TEST(ProbeCache, ForgetsRefusalsThatMayPass) {
  const Scratch scratch, tools;
  const CountingProgram counting(tools);
  const ProbeOptions options{.program = counting.program, .cache = tools.folder() / "probe.json"};
  scan_one(scratch, "unresolved", make_prober(options));
  scan_one(scratch, "unresolved", make_prober(options));
  EXPECT_EQ(counting.runs(), 3);
}

TEST(ProbeCache, DamagedOrUnwritableIsNoError) {
  for (const char* content : {"", "{", "[]", "{\"host\":1}", "{\"host\":\"x\",\"results\":[]}"}) {
    const Scratch scratch, tools;
    const fs::path cache = tools.folder() / "probe.json";
    std::ofstream(cache) << content;
    scan_one(scratch, "unresolved", make_prober({.program = TENON_PROBE, .cache = cache}));
  }
  const Scratch scratch;
  scan_one(scratch, "unresolved",
           make_prober({.program = TENON_PROBE, .cache = "/proc/nowhere/probe.json"}));
}

}  // namespace
}  // namespace tenon::test
