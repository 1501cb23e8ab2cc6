// --validate on whole runs: neither this host nor the backends of this build break the contract.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

#include <sstream>

#include "framework/include/tenon/tenon.hpp"
#include "tests/unit/engine/tiny_file.hpp"

namespace tenon::testing {
namespace {

// Everything that is logged from load to close.
std::string log_of_a_run(const std::string& backend) {
  const TinyFile file;
  std::ostringstream log;
  auto logger = std::make_shared<spdlog::logger>(
      "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(log));
  {
    auto builder = Engine::builder();
    builder.model(file.path()).backend(backend).context(256).batch(32).threads(2).logger(logger);
    builder.plugin(TENON_FOREIGN_PLUGIN).validate(true).verify_kernels(true);
    auto engine = builder.build();
    EXPECT_TRUE(engine) << engine.error().message();
    if (!engine) return "";
    const auto reply = engine->complete(std::string(100, 'x')).max_tokens(20).ignore_eos().run();
    EXPECT_TRUE(reply) << reply.error().message();
    EXPECT_EQ(reply ? reply->usage.completion_tokens : 0, 20);
  }
  return log.str();
}

void expect_silent(const std::string& log) {
  EXPECT_THAT(log, ::testing::Not(::testing::HasSubstr("breaks the contract")));
}

TEST(ValidatedRun, TheCpuIsSilent) {
  const std::string log = log_of_a_run("cpu");
  expect_silent(log);
  // The log does arrive: kernels of the cache are left out with a warning.
  EXPECT_THAT(log, ::testing::HasSubstr("is not verified"));
}

TEST(ValidatedRun, ADeviceOfForeignMemoryIsSilent) { expect_silent(log_of_a_run("foreign")); }

}  // namespace
}  // namespace tenon::testing
