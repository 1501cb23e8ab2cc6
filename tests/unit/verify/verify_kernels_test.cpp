// --verify-kernels: a wrong kernel is an error of the load, the packs of this build hold.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/include/tenon/tenon.hpp"
#include "tests/unit/engine/tiny_file.hpp"

namespace tenon::testing {
namespace {

using ::testing::HasSubstr;

class VerifyKernels : public ::testing::Test {
 protected:
  Result<Engine> load(const std::string& backend, const std::string& pin, bool verify) {
    auto builder = Engine::builder();
    builder.model(file_.path()).backend(backend).context(64).threads(1).verify_kernels(verify);
    builder.plugin(TENON_WRONG_PACK);
    if (!pin.empty()) builder.kernel("swiglu@cpu=" + pin);
    return builder.build();
  }
  TinyFile file_;
};

TEST_F(VerifyKernels, AKernelThatIsOffIsRefused) {
  const auto engine = load("cpu", "tenon.test.swiglu-off", true);
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().code(), ErrorCode::gate) << engine.error().message();
  EXPECT_THAT(engine.error().message(),
              HasSubstr("tenon.test.swiglu-off is wrong on blk.0.swiglu"));
  EXPECT_THAT(engine.error().message(), HasSubstr("NMSE 0.0001 "));  // 1 % squared
}

TEST_F(VerifyKernels, ResultsThatAreNotNumbersAreRefused) {
  const auto engine = load("cpu/reference", "tenon.test.swiglu-nan", true);
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().code(), ErrorCode::gate) << engine.error().message();
}

TEST_F(VerifyKernels, NothingIsComparedUnlessAskedFor) {
  const auto engine = load("cpu", "tenon.test.swiglu-off", false);
  ASSERT_TRUE(engine) << engine.error().message();
  EXPECT_TRUE(engine->plan().verified.empty());
}

TEST_F(VerifyKernels, TheReferenceIsNotComparedWithItself) {
  const auto engine = load("cpu/reference", "", true);
  ASSERT_TRUE(engine) << engine.error().message();
  EXPECT_TRUE(engine->plan().verified.empty());
}

TEST_F(VerifyKernels, TheOtherPacksHold) {
  for (const char* backend : {"cpu/avx2", "cpu/avx512vnni"}) {
    SCOPED_TRACE(backend);
    const auto engine = load(backend, "", true);
    if (!engine && engine.error().code() == ErrorCode::unavailable) continue;  // not this machine
    ASSERT_TRUE(engine) << engine.error().message();
    std::string ids;
    for (const VerifiedKernel& v : engine->plan().verified) {
      ids += v.kernel + "\n";
      EXPECT_LE(v.nmse, 1e-4) << v.kernel;
    }
    for (const char* op : {"matmul", "embed_rows", "rope", "swiglu", "rms_norm"})
      EXPECT_THAT(ids, HasSubstr(op));
  }
}

}  // namespace
}  // namespace tenon::testing
