// HostTable: errors per thread, exit codes per status, messages that cannot harm a terminal.
#include "framework/plugin/host_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

#include <sstream>
#include <string>
#include <thread>
#include <utility>

namespace tenon {
namespace {

void say(const tn_host* host, const char* text, tn_status status = TN_ERR_INVALID) {
  host->set_error(host->ctx, status, "file.cpp", 7, text);
}

TEST(HostTable, SaysWhatItIs) {
  const HostTable host;
  EXPECT_EQ(host.get()->struct_size, sizeof(tn_host));
  EXPECT_EQ(host.get()->abi_major, TN_ABI_MAJOR);
  EXPECT_EQ(host.get()->abi_minor, TN_ABI_MINOR);
  EXPECT_EQ(host.get()->get_extension(host.get()->ctx, "x.y/1"), nullptr);
}

TEST(HostTable, KeepsTheLastErrorOfEachThread) {
  const HostTable host;
  say(host.get(), "mine, old");
  say(host.get(), "mine");
  std::string theirs;
  std::thread([&] {
    say(host.get(), "theirs");
    theirs = host.take_error();
  }).join();
  EXPECT_EQ(theirs, "theirs");
  EXPECT_EQ(host.take_error(), "mine");
  EXPECT_EQ(host.take_error(), "");
}

TEST(HostTable, ErrorsOfThreadsThatEndedDoNotPileUp) {
  const HostTable host;
  for (int i = 0; i < 3000; ++i) std::thread([&] { say(host.get(), "gone"); }).join();
  say(host.get(), "here");
  EXPECT_EQ(host.take_error(), "here");
}

TEST(HostTable, MapsStatusesToExitCodes) {
  const std::pair<tn_status, ErrorCode> rows[] = {
      {TN_ERR_INVALID, ErrorCode::failed},
      {TN_ERR_UNSUPPORTED, ErrorCode::unavailable},
      {TN_ERR_OOM, ErrorCode::limit},
      {TN_ERR_DEVICE_LOST, ErrorCode::failed},
      {TN_ERR_IO, ErrorCode::failed},
      {TN_ERR_CANCELLED, ErrorCode::cancelled},
      {TN_ERR_VERSION, ErrorCode::unavailable},
      {TN_ERR_NOT_FOUND, ErrorCode::unavailable},
      {TN_ERR_TIMEOUT, ErrorCode::failed},
      {TN_ERR_INTERNAL, ErrorCode::failed},
      {-5, ErrorCode::failed},
      {12345, ErrorCode::failed},
  };
  const HostTable host;
  for (const auto& [status, code] : rows) EXPECT_EQ(host.to_error(status, "x").code(), code);
  EXPECT_EQ(status_name(TN_ERR_OOM), "TN_ERR_OOM");
  EXPECT_EQ(status_name(99), "TN_ERR_INTERNAL");
}

TEST(HostTable, ErrorCarriesThePluginsTextOnce) {
  const HostTable host;
  say(host.get(), "needs 3 GiB, has 1 GiB");
  EXPECT_EQ(host.to_error(TN_ERR_OOM, "cpu: compile").message(),
            "cpu: compile: needs 3 GiB, has 1 GiB");
  EXPECT_EQ(host.to_error(TN_ERR_OOM, "cpu: compile").message(), "cpu: compile: out of memory");
}

TEST(HostTable, TextsBecomeOnePrintableLine) {
  const HostTable host;
  say(host.get(), "a\nb\x1b[31m\tc");
  EXPECT_EQ(host.take_error(), "a b [31m c");
  say(host.get(), std::string(100000, 'x').c_str());
  EXPECT_EQ(host.take_error().size(), 4096u);
  say(host.get(), nullptr);
  EXPECT_EQ(host.take_error(), "");
}

TEST(HostTable, LogsWithTheComponentsName) {
  std::ostringstream out;
  auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(out);
  auto logger = std::make_shared<spdlog::logger>("test", sink);
  logger->set_pattern("%l %v");
  const HostTable host(logger);
  const tn_host* h = host.get();
  h->log(h->ctx, TN_LOG_WARN, "com.acme", "careful {} %s\n");
  h->log(h->ctx, TN_LOG_PLUGIN_MISBEHAVING, "com.acme", "wrote too far");
  h->log(h->ctx, 77, nullptr, nullptr);
  h->log(h->ctx, TN_LOG_DEBUG, "com.acme", "not shown");
  EXPECT_THAT(out.str(), testing::StartsWith("warning [com.acme] careful {} %s \n"
                                             "error [com.acme] the plugin breaks the contract: "
                                             "wrote too far\n"));
  EXPECT_THAT(out.str(), testing::Not(testing::HasSubstr("not shown")));
}

TEST(HostTable, KeepsItsAddressWhenMoved) {
  HostTable host;
  const tn_host* before = host.get();
  const tn_id id = host.intern(TN_KIND_OP, "tn.silu/1");
  const HostTable moved(std::move(host));
  EXPECT_EQ(moved.get(), before);
  EXPECT_EQ(before->intern(before->ctx, TN_KIND_OP, "tn.silu/1"), id);
  EXPECT_STREQ(before->id_name(before->ctx, id), "tn.silu/1");
  EXPECT_EQ(before->intern(before->ctx, TN_KIND_OP, nullptr), 0u);
}

}  // namespace
}  // namespace tenon
