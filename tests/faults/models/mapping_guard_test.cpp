// Files that are cut short while mapped: zeros and a flag for us, the old fate for everybody else.
#include "framework/base/mapping_guard.hpp"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <numeric>
#include <thread>

#include "framework/base/mapped_file.hpp"
#include "framework/base/sanitizer.h"

namespace tenon::testing {
namespace {

using ::testing::HasSubstr;

constexpr std::size_t k_page = 4096, k_pages = 64;

class MappingGuard : public ::testing::Test {
 protected:
  MappingGuard() {
    GTEST_FLAG_SET(death_test_style, "threadsafe");  // a process that has not installed anything
    std::string name = (std::filesystem::temp_directory_path() / "tenon-guard-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    folder_ = name;
  }
  ~MappingGuard() override { std::filesystem::remove_all(folder_); }

  MappedFile open(const char* name) const {
    std::ofstream(folder_ / name, std::ios::binary) << std::string(k_page * k_pages, '\1');
    auto file = MappedFile::open(folder_ / name);
    if (!file) throw std::runtime_error(file.error().message());
    return std::move(*file);
  }
  void cut(const char* name) const { std::filesystem::resize_file(folder_ / name, k_page); }

  static unsigned sum(std::span<const std::byte> bytes) {
    return std::accumulate(bytes.begin(), bytes.end(), 0u, [](unsigned total, std::byte byte) {
      return total + std::to_integer<unsigned>(byte);
    });
  }

  std::filesystem::path folder_;
};

TEST_F(MappingGuard, ALostPageIsZerosAndAnError) {
  ASSERT_TRUE(install_mapping_guard());
  const MappedFile file = open("a"), other = open("b");
  EXPECT_TRUE(file.check(ErrorCode::failed));
  cut("a");
  EXPECT_FALSE(file.lost());  // nothing was read yet
  EXPECT_EQ(sum(file.bytes().last(1)), 0u);
  EXPECT_TRUE(file.lost());
  const Status error = file.check(ErrorCode::failed);
  ASSERT_FALSE(error);
  EXPECT_EQ(error.error().code(), ErrorCode::failed);
  EXPECT_THAT(error.error().message(), HasSubstr("model_io_error"));
  EXPECT_THAT(error.error().message(), HasSubstr(file.path().string()));
  EXPECT_EQ(sum(other.bytes()), k_page * k_pages);
  EXPECT_FALSE(other.lost());
}

TEST_F(MappingGuard, TheFlagMovesWithTheFile) {
  ASSERT_TRUE(install_mapping_guard());
  MappedFile file = open("a");
  MappedFile moved = std::move(file);
  cut("a");
  EXPECT_EQ(sum(moved.bytes().last(1)), 0u);
  EXPECT_TRUE(moved.lost());
  moved = open("b");
  EXPECT_FALSE(moved.lost());
}

TEST_F(MappingGuard, ManyThreadsLoseTheSameFile) {
  ASSERT_TRUE(install_mapping_guard());
  const MappedFile file = open("a");
  cut("a");
  std::atomic<unsigned> total = 0;
  std::vector<std::jthread> threads;
  for (std::size_t t = 0; t < 8; ++t)
    threads.emplace_back(
        [&, t] { total += sum(file.bytes().subspan(k_page * (1 + t * 7), k_page)); });
  threads.clear();
  EXPECT_EQ(total, 0u);
  EXPECT_TRUE(file.lost());
}

TEST_F(MappingGuard, AsManyAsThereIsRoomFor) {
  std::vector<GuardedRange> ranges;
  const std::byte page[16] = {};
  for (auto range = GuardedRange::add(page);; range = GuardedRange::add(page)) {
    if (!range) {
      EXPECT_EQ(range.error().code(), ErrorCode::limit);
      EXPECT_THAT(range.error().message(), HasSubstr("available 1024"));
      break;
    }
    ASSERT_LT(ranges.size(), 2000u);
    ranges.push_back(std::move(*range));
  }
  EXPECT_EQ(ranges.size(), 1024u);
  ranges.pop_back();
  EXPECT_TRUE(GuardedRange::add(page));
}

// A fault in a mapping that is nobody's we know.
void foreign_fault(const std::filesystem::path& path) {
  std::ofstream(path, std::ios::binary) << std::string(k_page * 2, '\1');
  std::FILE* file = std::fopen(path.c_str(), "rb");
  const auto* bytes = static_cast<volatile char*>(
      mmap(nullptr, k_page * 2, PROT_READ, MAP_SHARED, fileno(file), 0));
  std::filesystem::resize_file(path, 0);
  std::printf("%d", bytes[k_page]);
}

#if defined(TENON_ASAN)  // reports a fatal signal, then exits
constexpr const char* k_report = "AddressSanitizer: BUS";
bool died_of_sigbus(int status) { return WIFEXITED(status) && WEXITSTATUS(status) != 0; }
#else
constexpr const char* k_report = "";
bool died_of_sigbus(int status) { return WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS; }
#endif

void exit_42(int) { _exit(42); }
void exit_43(int, siginfo_t* info, void*) { _exit(info->si_addr != nullptr ? 43 : 1); }

TEST_F(MappingGuard, AForeignFaultIsStillFatal) {
  EXPECT_EXIT((static_cast<void>(install_mapping_guard()), foreign_fault(folder_ / "x")),
              died_of_sigbus, k_report);
}

TEST_F(MappingGuard, ASignalThatIsSentIsStillFatal) {
  EXPECT_EXIT((static_cast<void>(install_mapping_guard()), raise(SIGBUS)), died_of_sigbus,
              k_report);
}

TEST_F(MappingGuard, AForeignFaultGoesToTheHandlerThatWasThere) {
  EXPECT_EXIT(
      {
        struct sigaction before {};
        before.sa_handler = exit_42;
        sigaction(SIGBUS, &before, nullptr);
        static_cast<void>(install_mapping_guard());
        foreign_fault(folder_ / "x");
      },
      ::testing::ExitedWithCode(42), "");
  EXPECT_EXIT(
      {
        struct sigaction before {};
        before.sa_sigaction = exit_43;
        before.sa_flags = SA_SIGINFO;
        sigaction(SIGBUS, &before, nullptr);
        static_cast<void>(install_mapping_guard());
        foreign_fault(folder_ / "x");
      },
      ::testing::ExitedWithCode(43), "");
}

TEST_F(MappingGuard, WithoutTheGuardALostPageIsFatal) {
  EXPECT_EXIT(
      {
        const MappedFile file = open("a");
        cut("a");
        std::printf("%u", sum(file.bytes()));
      },
      died_of_sigbus, k_report);
}

}  // namespace
}  // namespace tenon::testing
