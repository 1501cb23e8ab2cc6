// A model file that is cut short while a request reads its weights: that request fails, every later
// one of that model too, and another model in the same process does not notice.
#include <gmock/gmock.h>

#include "framework/include/tenon/tenon.hpp"
#include "tests/unit/engine/tiny_file.hpp"

namespace tenon::testing {
namespace {

using ::testing::HasSubstr;

class VanishingFile : public ::testing::Test {
 protected:
  VanishingFile() {
    if (!guard_mapped_files()) throw std::runtime_error("no guard");
  }

  static Engine open(const TinyFile& file) {
    // The exact pack reads weights where the file has them.
    auto made = Engine::builder().model(file.path()).backend("cpu/reference").threads(2).build();
    if (!made) throw std::runtime_error(made.error().message());
    return std::move(*made);
  }
  static Request request(Engine& engine) {
    Request made = engine.complete("hello");
    made.temperature(0).ignore_eos().max_tokens(40);
    return made;
  }
  static void expect_io_error(const Error& error, ErrorCode code, const TinyFile& file) {
    EXPECT_EQ(error.code(), code) << error.message();
    EXPECT_THAT(error.message(), HasSubstr("model_io_error"));
    EXPECT_THAT(error.message(), HasSubstr(file.path().string()));
  }
};

TEST_F(VanishingFile, FailsItsRequestsAndNoOthers) {
  const TinyFile file, other_file;
  Engine engine = open(file), other = open(other_file);
  const auto expected = request(other).run();
  ASSERT_TRUE(expected) << expected.error().message();
  int pieces = 0;
  const auto reply = request(engine).stream([&](std::string_view) {
    if (++pieces == 3) std::filesystem::resize_file(file.path(), 4096);
    return keep_going;
  });
  ASSERT_FALSE(reply) << reply->text;
  expect_io_error(reply.error(), ErrorCode::failed, file);
  EXPECT_LE(pieces, 4);  // at the next token, not at the end
  const auto later = request(engine).run();
  ASSERT_FALSE(later);
  expect_io_error(later.error(), ErrorCode::failed, file);
  const auto again = request(other).run();
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(again->tokens, expected->tokens);
}

TEST_F(VanishingFile, DuringLoadIsAnUnreadableModel) {
  const TinyFile file;
  const auto made = Engine::builder()
                        .model(file.path())
                        .backend("cpu/reference")
                        .threads(1)
                        .on_progress([&](std::string_view stage, double) {
                          if (stage == "weights") std::filesystem::resize_file(file.path(), 4096);
                          return true;
                        })
                        .build();
  ASSERT_FALSE(made);
  expect_io_error(made.error(), ErrorCode::model, file);
}

TEST_F(VanishingFile, DuringTheFirstReadIsAnUnreadableModel) {
  const TinyFile file;
  const auto made = Engine::builder()
                        .model(file.path())
                        .backend("cpu/reference")
                        .threads(1)
                        .on_progress([&](std::string_view stage, double fraction) {
                          if (stage == "read" && fraction < 0.2)
                            std::filesystem::resize_file(file.path(), 4096);
                          return true;
                        })
                        .build();
  ASSERT_FALSE(made);
  expect_io_error(made.error(), ErrorCode::model, file);
}

}  // namespace
}  // namespace tenon::testing
