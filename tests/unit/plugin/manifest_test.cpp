// The manifest parser: untrusted JSON in, a manifest or one reason out.
#include "framework/plugin/manifest.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace tenon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string k_good =
    R"({"abi":"1.3","min":"1.1","id":"com.acme.q4k","version":"1.4.2","vendor":"ACME",)"
    R"("draft":"abc","kinds":["kernels"],"cpu":["avx2","fma"],"sanitizer":"none","drivers":["libx.so.1","/etc/x"],)"
    R"("of_a_later_minor":{"a":[1]}})";

std::string replaced(std::string_view from, std::string_view to) {
  std::string text = k_good;
  const auto at = text.find(from);
  EXPECT_NE(at, text.npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(Manifest, ReadsEveryField) {
  const auto m = parse_manifest(k_good);
  ASSERT_TRUE(m) << m.error().message();
  EXPECT_EQ(m->abi.text(), "1.3");
  EXPECT_EQ(m->min.text(), "1.1");
  EXPECT_EQ(m->draft, "abc");
  EXPECT_EQ(m->id, "com.acme.q4k");
  EXPECT_EQ(m->version, "1.4.2");
  EXPECT_EQ(m->vendor, "ACME");
  EXPECT_THAT(m->kinds, ElementsAre("kernels"));
  EXPECT_THAT(m->cpu, ElementsAre("avx2", "fma"));
  EXPECT_THAT(m->drivers, ElementsAre("libx.so.1", "/etc/x"));
  EXPECT_TRUE(m->sanitizers.empty());
}

TEST(Manifest, TakesThePaddingOfANote) {
  EXPECT_TRUE(parse_manifest(k_good + std::string(3, '\0')));
}

TEST(Manifest, SplitsSanitizers) {
  const auto m = parse_manifest(replaced("\"none\"", "\"address,undefined\""));
  ASSERT_TRUE(m);
  EXPECT_THAT(m->sanitizers, ElementsAre("address", "undefined"));
}

struct BadText {
  std::string text;
  const char* reason;
};

TEST(Manifest, RefusesEverythingElseWithAReason) {
  const BadText rows[] = {
      {"", "not valid JSON"},
      {"[]", "not a JSON object"},
      {k_good.substr(0, 50), "not valid JSON"},
      {k_good + "x", "not valid JSON"},
      {replaced("\"1.3\"", "1.3"), "\"abi\" is not a string"},
      {replaced("\"1.3\"", "\"1\""), "\"abi\" is not MAJOR.MINOR"},
      {replaced("\"1.3\"", "\"1.\""), "\"abi\" is not MAJOR.MINOR"},
      {replaced("\"1.3\"", "\"1.3.4\""), "\"abi\" is not MAJOR.MINOR"},
      {replaced("\"1.3\"", "\"-1.3\""), "\"abi\" is not MAJOR.MINOR"},
      {replaced("\"1.3\"", "\"1.99999999999\""), "\"abi\" is not MAJOR.MINOR"},
      {replaced("\"min\"", "\"mim\""), "\"min\" is missing"},
      {replaced("\"abc\"", "7"), "\"draft\" is not a string"},
      {replaced("com.acme.q4k", "com acme"), "\"id\" is not a name"},
      {replaced("com.acme.q4k", ""), "\"id\" is not a name"},
      {replaced("com.acme.q4k", "\\u001b[2J"), "\"id\" is not a short line"},
      {replaced("ACME", std::string(200, 'A')), "\"vendor\" is not a short line"},
      {replaced("ACME", "\xff\xfe"), "not valid JSON"},
      {replaced("[\"kernels\"]", "[]"), "\"kinds\" is missing"},
      {replaced("[\"kernels\"]", "{\"kernels\":1}"), "\"kinds\" is not a short list"},
      {replaced("\"avx2\"", "7"), "\"cpu\" holds something that is not a name"},
      {replaced("[1]", std::string(20, '[') + std::string(20, ']')), "nested too deeply"},
      {std::string(30000, '['), "nested too deeply"},
      {replaced("[1]", "[" + std::string(70000, ' ') + "]"), "longer than 64 KiB"},
  };
  for (const BadText& row : rows) {
    const auto m = parse_manifest(row.text);
    ASSERT_FALSE(m) << row.text;
    EXPECT_EQ(m.error().code(), ErrorCode::unavailable);
    EXPECT_THAT(m.error().message(), HasSubstr(row.reason));
  }
}

TEST(Manifest, SurvivesAnyCut) {
  for (std::size_t n = 0; n < k_good.size(); ++n) EXPECT_FALSE(parse_manifest(k_good.substr(0, n)));
}

}  // namespace
}  // namespace tenon
