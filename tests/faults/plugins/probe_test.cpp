// The probe: its time limit, what it leaves behind, and its cache.
#include "framework/plugin/probe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>

#include "tests/faults/plugins/scratch.hpp"

namespace tenon::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

// Scans a folder with the good plugin and one fixture; returns the fixture's candidate.
Candidate scan_one(const Scratch& scratch, const char* fixture, Prober prober) {
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
  const Candidate hung =
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
  const Candidate spawner = scan_one(scratch, "spawn_on_load", [&](const ProbeRequest& request) {
    ++calls;
    const std::string reason = prober(request);
    const bool spawns = request.path.filename() == "spawn_on_load.tenon.so";
    return reason.empty() && spawns ? std::string("good enough, not to be loaded here") : reason;
  });
  EXPECT_EQ(spawner.reason, "good enough, not to be loaded here");
  EXPECT_EQ(calls, 2);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 4s);
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

TEST(ProbeCache, RemembersCrashesAndGoodResults) {
  const Scratch scratch, tools;
  const CountingProgram counting(tools);
  const ProbeOptions options{.program = counting.program, .cache = tools.folder() / "c/probe.json"};
  const Candidate first = scan_one(scratch, "crash_on_load", make_prober(options));
  EXPECT_EQ(counting.runs(), 2);
  const Candidate second = scan_one(scratch, "crash_on_load", make_prober(options));
  EXPECT_EQ(counting.runs(), 2);
  EXPECT_EQ(first.reason, "crashed while loading: signal 11 (SIGSEGV)");
  EXPECT_EQ(second.reason, first.reason);
}

TEST(ProbeCache, RetryRunsOnlyWhatWasRefused) {
  const Scratch scratch, tools;
  const CountingProgram counting(tools);
  ProbeOptions options{.program = counting.program, .cache = tools.folder() / "probe.json"};
  scan_one(scratch, "crash_on_load", make_prober(options));
  options.retry = true;
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
  for (const char* content : {"", "{", "[]", "{\"host\":1}", "{\"host\":\"x\",\"reasons\":[]}"}) {
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
