// SmolLM2's tokenizer and chat template against what its own files give elsewhere.
#include "framework/text/chat_template.hpp"
#include "framework/text/tokenizer/vocab_gguf.hpp"
#include "tests/models/smollm2.hpp"

namespace tenon::testing {
namespace {

class Text : public ::testing::Test {
 protected:
  LoadedModel loaded_{smollm2_path()};
};

TEST_F(Text, TokenizerGivesTheIdsOfTheOriginal) {
  const auto vectors = golden_json("smollm2_tokenizer.json");
  ASSERT_EQ(vectors.size(), 320u);
  for (const auto& row : vectors) {
    const auto text = row["text"].get<std::string>();
    const auto ids = loaded_.model->tokenizer().encode(
        text, {.add_special = true, .parse_special = row["parse_special"].get<bool>()});
    ASSERT_TRUE(ids) << ids.error().message();
    EXPECT_EQ(*ids, row["ids"].get<std::vector<TokenId>>()) << row["text"].dump();
  }
}

TEST_F(Text, ChatTemplateRendersAsTransformersDoes) {
  const auto conversations = golden_json("smollm2_chat.json");
  ASSERT_EQ(conversations.size(), 6u);
  const auto source = read_chat_template(loaded_.model->file().metadata());
  ASSERT_TRUE(source && *source);
  const auto chat = ChatTemplate::parse(std::string(**source));
  ASSERT_TRUE(chat) << chat.error().message();
  for (const auto& row : conversations) {
    ChatInputs inputs;
    inputs.messages = row["messages"];
    inputs.add_generation_prompt = row["add_generation_prompt"].get<bool>();
    inputs.bos_token = "<|im_start|>";
    inputs.eos_token = "<|im_end|>";
    const auto text = chat->render(inputs);
    ASSERT_TRUE(text) << text.error().message();
    EXPECT_EQ(text->text, row["text"].get<std::string>());
  }
}

}  // namespace
}  // namespace tenon::testing
