// The public API without an engine: what is in a file, its texts, and what is installed.
#include "framework/include/tenon/model_text.hpp"

#include <gmock/gmock.h>

#include "framework/include/tenon/model_file.hpp"
#include "framework/include/tenon/plugins.hpp"
#include "tests/unit/engine/tiny_file.hpp"

namespace tenon::testing {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const MetadataEntry& entry(const std::vector<MetadataEntry>& all, std::string_view key) {
  const auto found = std::ranges::find(all, key, &MetadataEntry::key);
  if (found == all.end()) throw std::runtime_error("no such key");
  return *found;
}

TinyLlama without_template() {
  TinyLlama model;
  model.without = {"tokenizer.chat_template"};
  return model;
}

TEST(ModelFile, ValuesOutliveTheFile) {
  auto file = ModelFile::open(TinyFile().path());  // the folder is gone after this line
  ASSERT_TRUE(file) << file.error().message();
  const auto metadata = file->metadata(2);
  const auto tensors = file->tensors();
  EXPECT_EQ(file->format(), "gguf");
  file = fail(ErrorCode::failed, "closed");
  EXPECT_EQ(entry(metadata, "llama.block_count").type, "u32");
  EXPECT_EQ(std::get<MetadataScalar>(entry(metadata, "llama.block_count").value),
            MetadataScalar(std::uint64_t{2}));
  EXPECT_EQ(std::get<MetadataScalar>(entry(metadata, "general.architecture").value),
            MetadataScalar(std::string("llama")));
  const auto& tokens = std::get<MetadataArray>(entry(metadata, "tokenizer.ggml.tokens").value);
  EXPECT_EQ(tokens.type, "string");
  EXPECT_EQ(tokens.count, tiny::k_vocab);
  EXPECT_THAT(tokens.first, SizeIs(2));
  EXPECT_THAT(tensors, Contains(AllOf(Field(&TensorInfo::name, "token_embd.weight"),
                                      Field(&TensorInfo::dims, ElementsAre(tiny::k_vocab, 128)),
                                      Field(&TensorInfo::elements, tiny::k_vocab * 128))));
}

TEST(ModelFile, TypesAddUp) {
  const TinyFile tiny;
  const auto file = ModelFile::open(tiny.path());
  ASSERT_TRUE(file);
  std::uint64_t tensors = 0, elements = 0, bytes = 0;
  for (const TypeUse& use : file->types()) {
    tensors += use.tensors;
    elements += use.elements;
    bytes += use.bytes;
  }
  EXPECT_EQ(tensors, file->tensors().size());
  EXPECT_EQ(elements, file->parameters());
  EXPECT_LT(bytes, file->size());
  EXPECT_EQ(file->size(), std::filesystem::file_size(tiny.path()));
  EXPECT_THAT(file->findings(), IsEmpty());
}

TEST(ModelFile, SaysWhatIsOdd) {
  const TinyFile tiny(without_template());
  EXPECT_THAT(ModelFile::open(tiny.path())->findings(), ElementsAre(HasSubstr("chat_template")));
  EXPECT_EQ(ModelFile::open(tiny.path().parent_path() / "none").error().code(), ErrorCode::model);
}

TEST(ModelText, ThereAndBack) {
  const TinyFile tiny;
  const auto text = ModelText::open(tiny.path());
  ASSERT_TRUE(text) << text.error().message();
  EXPECT_EQ(text->n_vocab(), tiny::k_vocab);
  const auto tokens = text->tokenize("hi é");
  ASSERT_TRUE(tokens);
  EXPECT_EQ(text->detokenize(*tokens, false), "hi é");
  std::string pieces;
  const auto plain = text->tokenize("hi é", false);
  for (const Token t : *plain) pieces += text->piece(t);
  EXPECT_EQ(pieces, "hi é");
  const Token outside[] = {0, tiny::k_vocab};
  EXPECT_EQ(text->detokenize(outside).error().code(), ErrorCode::usage);
  EXPECT_EQ(text->piece(-1), "");
}

TEST(ModelText, RendersAConversation) {
  const TinyFile tiny;
  const auto text = ModelText::open(tiny.path());
  ASSERT_TRUE(text) << text.error().message();
  TemplateInputs inputs;
  ASSERT_TRUE(inputs.messages(R"([{"role": "user", "content": "Hi"}])", "chat"));
  ASSERT_TRUE(inputs.tools(R"([{"name": "now"}])", "tools"));
  EXPECT_EQ(text->render(inputs), "<|start|>user: Hi<|end|><|start|>assistant: ");
  EXPECT_EQ(text->render(inputs.generation_prompt(false)), "<|start|>user: Hi<|end|>");
}

TEST(ModelText, RefusesWrongInputs) {
  TemplateInputs inputs;
  for (const char* json :
       {"", "[", "{}", "[1]", R"([{"role": 1}])", R"([{"role": "x", "n": 1e999}])"})
    EXPECT_THAT(inputs.messages(json, "chat").error().message(), HasSubstr("chat: ")) << json;
  EXPECT_EQ(inputs.tools("[7]", "tools").error().code(), ErrorCode::usage);
  const TinyFile plain(without_template());
  EXPECT_EQ(ModelText::open(plain.path())->render(inputs).error().code(), ErrorCode::model);
}

TEST(Plugins, AreListedWithTheirDevices) {
  const auto list = list_plugins();
  ASSERT_TRUE(list) << list.error().message();
  EXPECT_THAT(list->plugins, Contains(AllOf(Field(&ListedPlugin::offers, ElementsAre("cpu")),
                                            Field(&ListedPlugin::loaded, true))));
  const auto devices = list_devices();
  ASSERT_TRUE(devices);
  EXPECT_THAT(*devices, Contains(AllOf(Field(&ListedDevice::backend, "cpu"),
                                       Field(&ListedDevice::packs, Contains("reference")),
                                       Field(&ListedDevice::index, std::uint32_t{0}))));
}

TEST(Plugins, OneThatIsNamedHasToLoad) {
  const PluginSearch search{.files = {"/none.tenon.so"}};
  EXPECT_EQ(list_plugins(search).error().code(), ErrorCode::unavailable);
  EXPECT_THAT(list_devices(search).error().message(), HasSubstr("/none.tenon.so"));
}

}  // namespace
}  // namespace tenon::testing
