// Published chat templates against transformers itself (make_real_template_golden.py): every text,
// or a refusal where transformers refuses.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "framework/base/sha256.hpp"
#include "framework/text/chat_template.hpp"

namespace tenon {
namespace {

using Json = nlohmann::ordered_json;

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << "cannot read " << path;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string templates_folder() {
  if (const char* folder = std::getenv("TENON_TEST_VOCABS"))
    return folder + std::string("/templates/");
  const std::string written = read_file(TENON_VOCABS_PATH_FILE);  // by ctest's fetch_vocabs
  return written.substr(0, written.find('\n')) + "/templates/";
}

std::string digest(std::string_view text) {
  return sha256_hex(std::as_bytes(std::span(text))).value();
}

ChatInputs inputs_of(const Json& conversation) {
  ChatInputs in;
  in.now = 1721997000;  // 2024-07-26 12:30 UTC
  in.messages = conversation["messages"];
  in.tools = conversation["tools"];
  in.add_generation_prompt = conversation["add_generation_prompt"].get<bool>();
  in.bos_token = conversation["bos_token"].get<std::string>();
  in.eos_token = conversation["eos_token"].get<std::string>();
  for (const auto& [key, value] : conversation.items())
    if (key != "messages" && key != "tools") in.extra[key] = value;
  return in;
}

TEST(RealTemplates, GiveTheTextsOfTransformers) {
  const Json golden = Json::parse(read_file(TENON_TEXT_TEST_DATA "/real_template_golden.json"));
  const std::string folder = templates_folder();
  EXPECT_GE(golden["templates"].size(), 20u);
  for (const auto& [name, expected] : golden["templates"].items()) {
    SCOPED_TRACE(name);
    const std::string source = read_file(folder + name);
    ASSERT_EQ(digest(source), expected["sha256"].get<std::string>()) << "another version";
    const auto parsed = ChatTemplate::parse(source);
    ASSERT_TRUE(parsed) << parsed.error().message();
    for (const auto& [conversation, hash] : expected["texts"].items()) {
      const auto text = parsed->render(inputs_of(golden["conversations"][conversation]));
      if (hash.is_null()) {
        EXPECT_FALSE(text) << conversation << ": transformers refuses it; we write " << text->text;
      } else if (!text) {
        ADD_FAILURE() << conversation << ": " << text.error().message();
      } else {
        EXPECT_EQ(digest(text->text).substr(0, 16), hash.get<std::string>())
            << conversation << text->text;
      }
    }
  }
}

}  // namespace
}  // namespace tenon
