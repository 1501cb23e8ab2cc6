// MappedFile over open, fstat, mmap and madvise.
#include "framework/base/mapped_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>

namespace tenon {
namespace {

tl::unexpected<Error> refuse(const std::filesystem::path& path, std::string_view what) {
  return fail(ErrorCode::model, fmt::format("{}: {}", path.string(), what));
}

std::string reason(std::string_view call) {
  return fmt::format("{}: {}", call, std::generic_category().message(errno));
}

double ms_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

std::uint64_t page_size() { return static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)); }

// Hints only: a kernel that declines one changes speed, never results.
void advise(std::span<const std::byte> pages, int advice) {
  if (pages.empty()) return;
  static_cast<void>(
      ::madvise(const_cast<std::byte*>(pages.data()), pages.size(), advice));  // NOLINT
}

}  // namespace

Result<MappedFile> MappedFile::open(const std::filesystem::path& path) {
  MappedFile file;
  file.path_ = path;
  int fd = -1;
  std::uint64_t size = 0;
  Status done = file.open_regular(fd, size);
  if (done) done = file.map(fd, size);
  if (fd >= 0) ::close(fd);  // the mapping does without
  if (!done) return fail(done);
  return file;
}

Status MappedFile::open_regular(int& fd, std::uint64_t& size) {
  const auto start = std::chrono::steady_clock::now();
  // O_NONBLOCK: opening a pipe nobody writes to must not hang before it is refused.
  fd = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return refuse(path_, reason("cannot open"));
  struct stat info {};
  if (::fstat(fd, &info) != 0) return refuse(path_, reason("cannot stat"));
  if (!S_ISREG(info.st_mode)) return refuse(path_, "not a regular file");
  if (info.st_size <= 0) return refuse(path_, "the file is empty");
  size = static_cast<std::uint64_t>(info.st_size);
  times_.open_ms = ms_since(start);
  return {};
}

Status MappedFile::map(int fd, std::uint64_t size) {
  const auto start = std::chrono::steady_clock::now();
  void* base = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, fd, 0);
  if (base == MAP_FAILED) return refuse(path_, reason("cannot map"));
  bytes_ = {static_cast<const std::byte*>(base), size};
  auto guard = GuardedRange::add(bytes_);
  if (!guard) return fail(guard);
  guard_ = std::move(*guard);
  times_.map_ms = ms_since(start);
  return {};
}

Status MappedFile::check(ErrorCode code) const {
  if (!lost()) return {};
  return fail(code, fmt::format("{}: model_io_error: the file was cut short or could not be read "
                                "while it was in use",
                                path_.string()));
}

void MappedFile::close() {
  guard_.remove();
  if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
  bytes_ = {};
}

MappedFile::MappedFile(MappedFile&& other) noexcept { *this = std::move(other); }

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  if (this == &other) return *this;
  close();
  path_ = std::move(other.path_);
  bytes_ = std::exchange(other.bytes_, {});
  guard_ = std::move(other.guard_);
  times_ = other.times_;
  return *this;
}

MappedFile::~MappedFile() { close(); }

void MappedFile::drop(std::uint64_t offset, std::uint64_t count) const {
  const auto page = page_size();
  const auto begin = std::min(offset, size());
  const auto end = begin + std::min(count, size() - begin);
  const auto first = begin + (page - begin % page) % page;
  // The page that holds the file's end has nothing else in it, so it counts as whole.
  const auto last = end == size() ? end : end - end % page;
  if (first < last) advise(bytes_.subspan(first, last - first), MADV_DONTNEED);
}

}  // namespace tenon
