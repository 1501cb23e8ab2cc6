// tenon-conform: the op suite against one device of one backend, a group at a time; `tenon conform`
// starts it once per group. What it prints on stdout is for that command (JSON, one document).
//   tenon-conform --list | --group GROUP, with the environment of tests/gpu/device_pack.hpp,
//   TENON_CONFORM_EXPECT (a file of expectations; else the committed one of the backend, beside this
//   program) and TENON_CONFORM_SEED
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string_view>

#include "expectations.hpp"
#include "tests/gpu/device_pack.hpp"

namespace tenon::conformance {
namespace {

using Json = nlohmann::ordered_json;

std::string expectations_file() {
  if (const char* named = std::getenv("TENON_CONFORM_EXPECT")) return named;
  std::error_code ec;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", ec);
  return program.parent_path().parent_path() / "share/tenon/conformance" /
         (device_under_test().backend + ".txt");
}

// Keeps how each test has ended.
class Judge : public testing::EmptyTestEventListener {
 public:
  explicit Judge(std::vector<Expectation>& expectations) : expectations_(expectations) {}

  void OnTestPartResult(const testing::TestPartResult& part) override {
    if (part.failed() && message_.size() < k_most_text)
      message_ += (message_.empty() ? "" : "\n") + std::string(part.message());
  }
  void OnTestEnd(const testing::TestInfo& test) override {
    const std::string name = std::string(test.test_suite_name()) + "." + test.name();
    Json row = {{"name", name}, {"ms", test.result()->elapsed_time()}};
    const Expectation* known = nullptr;
    for (Expectation& e : expectations_)
      if (e.fails && e.matches(name)) e.met = true, known = &e;
    const bool failed = test.result()->Failed();
    if (test.result()->Skipped())
      row["result"] = "skipped";
    else if (known == nullptr)
      row["result"] = failed ? "failed" : "passed";
    else
      row["result"] = failed ? "expected failure" : "unexpected pass";
    if (known != nullptr) row["reason"] = known->why;
    if (failed) row["message"] = message_;
    message_.clear();
    cases_.push_back(std::move(row));
  }
  const Json& cases() const { return cases_; }

 private:
  static constexpr std::size_t k_most_text = 4000;
  std::vector<Expectation>& expectations_;
  std::string message_;
  Json cases_ = Json::array();
};

// Suites of ops that this device has a kernel for.
Json groups() {
  Json all = Json::array();
  const testing::UnitTest& unit = *testing::UnitTest::GetInstance();
  for (int i = 0; i < unit.total_test_suite_count(); ++i) {
    const testing::TestSuite& suite = *unit.GetTestSuite(i);
    if (std::string_view(suite.name()).starts_with("Packs/")) all.push_back(suite.name());
  }
  return all;
}

Json rows_of(const std::vector<Expectation>& expectations) {
  Json rows = Json::array();
  for (const Expectation& e : expectations)
    rows.push_back({{"kind", e.fails ? "fails" : "declines"}, {"what", e.what}, {"met", e.met}});
  return rows;
}

int print(const Json& document) {
  std::cout << document.dump(-1, ' ', false, Json::error_handler_t::replace) << std::endl;
  return 0;
}

int list() {
  const DeviceReport& device = device_under_test();
  std::string wrong;
  const auto expectations = read_expectations(expectations_file(), wrong);
  return print({{"backend", device.backend},
                {"device", device.device},
                {"refusal", device.refusal},
                {"kernels", device.n_kernels},
                {"groups", groups()},
                {"expectations", expectations_file()},
                {"wrong_expectation", wrong},
                {"rows", rows_of(expectations)}});
}

int run_group(const std::string& group, int out) {
  std::string wrong;
  auto expectations = read_expectations(expectations_file(), wrong);
  Judge judge(expectations);
  testing::GTEST_FLAG(filter) = group + ".*";
  testing::TestEventListeners& listeners = testing::UnitTest::GetInstance()->listeners();
  listeners.Append(&judge);
  [[maybe_unused]] const int failed = RUN_ALL_TESTS();  // the judge knows better
  listeners.Release(&judge);
  Json declined = Json::array();
  for (const std::string& d : device_under_test().declined) {
    bool listed = false;
    for (Expectation& e : expectations)
      if (!e.fails && e.what == d) listed = e.met = true;
    declined.push_back({{"what", d}, {"listed", listed}});
  }
  dup2(out, STDOUT_FILENO);
  return print({{"cases", judge.cases()}, {"declined", declined}, {"rows", rows_of(expectations)}});
}

}  // namespace
}  // namespace tenon::conformance

int main(int argc, char** argv) {
  using namespace tenon::conformance;
  testing::InitGoogleTest(&argc, argv);  // asks the device for its kernels
  const std::string what = argc > 1 ? argv[1] : "";
  if (what == "--list") return list();
  if (what != "--group" || argc != 3) {
    std::cerr << "tenon-conform is started by `tenon conform`\n";
    return 2;
  }
  const int out = dup(STDOUT_FILENO);  // what tests print goes to stderr
  dup2(STDERR_FILENO, STDOUT_FILENO);
  return run_group(argv[2], out);
}
