// Made files: they load and answer with finite logits, repeat themselves, and leave nothing half done.
#include "framework/include/tenon/make_model.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cmath>
#include <fstream>
#include <iterator>

#include "framework/include/tenon/tenon.hpp"
#include "tests/unit/engine/tiny_file.hpp"

namespace tenon::testing {
namespace {

class MakeModel : public ::testing::Test {
 protected:
  std::filesystem::path made(const ModelRecipe& recipe, const char* name = "made.gguf") {
    const std::filesystem::path path = tiny_.path().parent_path() / name;
    const auto done = make_model(recipe, path);
    EXPECT_TRUE(done) << done.error().message();
    return path;
  }
  static std::string content(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  // The largest logit of 48 positions in steps of 16 rows; not a number if one is none.
  static float largest_logit(const std::filesystem::path& path) {
    auto engine = Engine::builder().model(path).context(128).batch(16).logits_rows(16).build();
    if (!engine) throw std::runtime_error(engine.error().message());
    float most = 0;
    const Status done = engine->logits(some_tokens(48), {}, [&](std::span<const float> row) {
      for (const float x : row) most = !(std::fabs(x) <= most) ? std::fabs(x) : most;
      return Status();
    });
    EXPECT_TRUE(done) << done.error().message();
    return most;
  }
  std::size_t files() const {
    const auto folder = std::filesystem::directory_iterator(tiny_.path().parent_path());
    return static_cast<std::size_t>(std::distance(begin(folder), end(folder)));
  }

  TinyFile tiny_;
};

TEST_F(MakeModel, AFileOfEachMixAnswersWithFiniteLogits) {
  for (const char* mix : {"Q4_K_M", "Q8_0", "F16", "all-Q4_0", "MXFP4"}) {
    SCOPED_TRACE(mix);
    const float most = largest_logit(made({.shape = "smollm2-135m", .mix = mix, .layers = 3}));
    EXPECT_GT(most, 1.0F);
    EXPECT_LT(most, 30.0F);
  }
}

TEST_F(MakeModel, TheSeedDecidesTheBytes) {
  const ModelRecipe recipe{.shape = "smollm2-135m", .seed = 3, .layers = 1};
  ModelRecipe other = recipe;
  other.seed = 4;
  const std::string first = content(made(recipe));
  EXPECT_TRUE(first == content(made(recipe, "again.gguf")));
  EXPECT_FALSE(first == content(made(other, "other.gguf")));
}

TEST_F(MakeModel, ASparseFileTakesNoRoomAndLoads) {
  const auto path = made({.shape = "smollm2-135m", .layers = 2, .sparse = true});
  struct stat info {};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_GT(info.st_size, 30'000'000);
  EXPECT_LT(info.st_blocks * 512, 5'000'000);
  EXPECT_EQ(largest_logit(path), 0.0F);
}

TEST_F(MakeModel, TheTokenizerOfAnotherFileComesWithItsVocabulary) {
  const auto path = made({.shape = "smollm2-135m", .layers = 1, .tokenizer = tiny_.path()});
  auto engine = Engine::builder().model(path).context(64).build();
  ASSERT_TRUE(engine) << engine.error().message();
  EXPECT_EQ(engine->n_vocab(), tiny::k_vocab);
  EXPECT_EQ(engine->tokenize("hello")->size(), 4U);  // as in the other file: he, l, l, o
}

TEST_F(MakeModel, NothingStaysOfAFileThatWasGivenUp) {
  double last = 0;
  const auto done = make_model({.shape = "smollm2-135m", .layers = 1},
                               tiny_.path().parent_path() / "made.gguf", {}, [&](double fraction) {
                                 EXPECT_GE(fraction, last);
                                 return (last = fraction) < 0.5;
                               });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), ErrorCode::cancelled);
  EXPECT_EQ(files(), 1U);  // the tiny one
}

TEST_F(MakeModel, WhatCannotBeWrittenIsAnErrorThatNamesTheFile) {
  const auto full = make_model({.shape = "smollm2-135m", .layers = 1}, "/dev/full");
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().message(), "/dev/full: cannot write: No space left on device");
}

}  // namespace
}  // namespace tenon::testing
