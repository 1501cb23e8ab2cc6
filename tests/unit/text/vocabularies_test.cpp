// Real vocabularies (scripts/fetch-vocabs): the vectors published with them, and the answers to
// nasty_strings.py. What differs from llama.cpp is listed in make_tokenizer_golden.py.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

#include "framework/base/utf8.hpp"
#include "framework/text/stream/detokenizer.hpp"
#include "framework/text/tokenizer/nfc.hpp"
#include "framework/text/tokenizer/vocab_gguf.hpp"

namespace tenon {
namespace {

using Ids = std::vector<TokenId>;

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << "cannot read " << path;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string vocab_path(const std::string& family) {
  if (family == "gemma3") {
    const std::string written = read_file(TENON_GEMMA3_PATH_FILE);  // by ctest's fetch_gemma3
    return written.substr(0, written.find('\n'));
  }
  const char* folder = std::getenv("TENON_TEST_VOCABS");
  if (folder != nullptr) return folder + ("/ggml-vocab-" + family + ".gguf");
  const std::string written = read_file(TENON_VOCABS_PATH_FILE);  // by ctest's fetch_vocabs
  return written.substr(0, written.find('\n')) + "/ggml-vocab-" + family + ".gguf";
}

std::vector<std::string> split(const std::string& text, const std::string& separator) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(separator, at), text.size());
    parts.push_back(text.substr(at, end - at));
    at = end + separator.size();
  }
  return parts;
}

// The format of nasty_strings.py.
std::vector<std::string> nasty_strings() {
  const std::string data = read_file(TENON_NASTY_STRINGS);
  std::vector<std::string> strings;
  for (std::size_t at = 0; at + 4 <= data.size();) {
    std::uint32_t size = 0;
    std::memcpy(&size, data.data() + at, 4);
    strings.push_back(data.substr(at + 4, size));
    at += 4 + size;
  }
  return strings;
}

std::string fnv1a(const Ids& ids) {
  std::uint32_t h = 0x811C9DC5;
  for (const TokenId id : ids)
    for (int byte = 0; byte < 4; ++byte)
      h = (h ^ ((static_cast<std::uint32_t>(id) >> (8 * byte)) & 0xFF)) * 0x01000193;
  char text[9];
  std::snprintf(text, sizeof text, "%08x", h);
  return text;
}

std::string as_words(const Ids& ids) {
  std::string text;
  for (const TokenId id : ids) text += (text.empty() ? "" : " ") + std::to_string(id);
  return text;
}

class Vocabulary : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    file_ = GgufFile::open(vocab_path(GetParam()));
    ASSERT_TRUE(file_) << file_.error().message();
    Result<VocabData> data = read_vocab(file_->metadata());
    ASSERT_TRUE(data) << data.error().message();
    data_ = std::move(*data);
    tokenizer_ = Tokenizer::create(data_);
    ASSERT_TRUE(tokenizer_) << tokenizer_.error().message();
  }

  Ids encode(std::string_view text, EncodeOptions options) const {
    Result<Ids> ids = tokenizer_->encode(text, options);
    EXPECT_TRUE(ids) << ids.error().message();
    return ids ? *ids : Ids{};
  }

  Result<GgufFile> file_ = fail(ErrorCode::failed, "not opened");
  VocabData data_;
  Result<Tokenizer> tokenizer_ = fail(ErrorCode::failed, "not created");
};

TEST_P(Vocabulary, AnswersToNastyStrings) {
  const std::vector<std::string> strings = nasty_strings();
  const auto lines =
      split(read_file(std::string(TENON_TEXT_TEST_DATA "/tokenizer_golden/") + GetParam() + ".txt"),
            "\n");
  ASSERT_EQ(strings.size(), 1000u);
  ASSERT_EQ(lines.size(), 1001u);
  for (std::size_t i = 0; i < strings.size(); ++i) {
    const std::string parsed = lines[i].substr(0, 8), plain = lines[i].substr(lines[i].size() - 8);
    for (const bool special : {true, false}) {
      const Ids ids = encode(strings[i], {.add_special = true, .parse_special = special});
      EXPECT_EQ(fnv1a(ids), special ? parsed : plain)
          << "string " << i << (special ? "" : ", no special") << ": "
          << testing::PrintToString(strings[i]) << "\nids " << as_words(ids);
    }
  }
}

class RoundTrip : public Vocabulary {
 protected:
  // phi-3's user-defined token takes the white space behind it.
  static bool swallows_space(const std::string& text) {
    return GetParam() == std::string_view("phi-3") && text.find("</s>") != std::string::npos;
  }

  // What the tokenizer cannot tell apart is one text.
  std::string as_read(std::string text) const {
    if (data_.model != "gpt2")
      for (std::size_t at; (at = text.find("\u2581")) != std::string::npos;)
        text.replace(at, 3, " ");
    return data_.pre == "qwen2" || data_.pre == "command-r" || data_.pre == "mpt" ? to_nfc(text)
                                                                                  : text;
  }
};

TEST_P(RoundTrip, EveryPartIsUtf8AndTheWholeIsTheText) {
  for (const std::string& text : nasty_strings()) {
    if (!utf8::is_valid(text) || swallows_space(text)) continue;
    const Ids ids = encode(text, {.add_special = true, .parse_special = false});
    Detokenizer detokenizer(*tokenizer_, {.at_start = true});
    std::string back;
    for (const TokenId id : ids) {
      const std::string part = detokenizer.push(id);
      EXPECT_TRUE(utf8::is_valid(part));
      back += part;
    }
    EXPECT_EQ(back + detokenizer.finish(), as_read(text)) << as_words(ids);
  }
}

// falcon has no tokens for some control characters, so it loses them: no round trip.
constexpr const char* k_lossless[] = {"gpt-2",        "llama-bpe", "qwen2",          "qwen35",
                                      "deepseek-llm", "command-r", "refact",         "starcoder",
                                      "mpt",          "phi-3",     "deepseek-coder", "llama-spm",
                                      "baichuan",     "gemma3",    "gpt-neox",       "gemma-4"};
constexpr const char* k_lossy[] = {"falcon"};

INSTANTIATE_TEST_SUITE_P(Lossless, Vocabulary, testing::ValuesIn(k_lossless));
INSTANTIATE_TEST_SUITE_P(Lossy, Vocabulary, testing::ValuesIn(k_lossy));
INSTANTIATE_TEST_SUITE_P(Lossless, RoundTrip, testing::ValuesIn(k_lossless));

// Texts and ids as they lie beside the vocabulary.
class Published : public Vocabulary {};

TEST_P(Published, Vectors) {
  const std::string path = vocab_path(GetParam());
  const auto texts = split(read_file(path + ".inp"), "\n__ggml_vocab_test__\n");
  const auto lines = split(read_file(path + ".out"), "\n");
  ASSERT_GE(texts.size(), 46u);
  ASSERT_GE(lines.size(), texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const Ids ids = encode(texts[i], {.add_special = false, .parse_special = false});
    EXPECT_EQ(as_words(ids),
              lines[i].substr(std::min(lines[i].find_first_not_of(' '), lines[i].size())))
        << testing::PrintToString(texts[i]);
  }
}

constexpr const char* k_published[] = {
    "gpt-2",  "llama-bpe", "qwen2",     "qwen35", "deepseek-llm", "deepseek-coder", "falcon",
    "refact", "command-r", "starcoder", "mpt",    "phi-3",        "llama-spm",      "gemma-4"};

INSTANTIATE_TEST_SUITE_P(Every, Published, testing::ValuesIn(k_published));

}  // namespace
}  // namespace tenon
