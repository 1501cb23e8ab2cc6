// AtomicFile over O_EXCL, pwrite, fsync and rename.
#include "framework/base/atomic_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace tenon {
namespace {

constexpr int k_attempts = 100;

// The rename itself is only durable once the folder is synced; some file systems refuse that.
void sync_folder(const std::filesystem::path& file) {
  const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  static_cast<void>(::fsync(fd));
  ::close(fd);
}

}  // namespace

Result<AtomicFile> AtomicFile::create(const std::filesystem::path& target) {
  AtomicFile file;
  file.target_ = target;
  for (int attempt = 0; attempt < k_attempts; ++attempt) {
    auto name = target;
    name += fmt::format(".{}.{}.tmp", ::getpid(), attempt);
    file.fd_ = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file.fd_ >= 0) {
      file.temporary_ = std::move(name);
      return file;
    }
    if (errno != EEXIST) break;
  }
  return file.io_error("cannot create");
}

Status AtomicFile::append(std::span<const std::byte> bytes) { return write_at(size_, bytes); }

Status AtomicFile::write_at(std::uint64_t offset, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t done = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return io_error("cannot write");
    offset += static_cast<std::uint64_t>(done);
    bytes = bytes.subspan(static_cast<std::size_t>(done));
  }
  size_ = std::max(size_, offset);
  return {};
}

Status AtomicFile::commit() {
  if (::fsync(fd_) != 0) return io_error("cannot sync");
  // A late write error of a network file system shows up at close.
  if (::close(std::exchange(fd_, -1)) != 0) return io_error("cannot close");
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) return io_error("cannot rename to");
  temporary_.clear();
  sync_folder(target_);
  return {};
}

tl::unexpected<Error> AtomicFile::io_error(std::string_view what) const {
  const auto text = std::generic_category().message(errno);
  return fail(ErrorCode::failed, fmt::format("{}: {}: {}", target_.string(), what, text));
}

void AtomicFile::discard() {
  if (fd_ >= 0) ::close(fd_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
  fd_ = -1;
  temporary_.clear();
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept { *this = std::move(other); }

AtomicFile& AtomicFile::operator=(AtomicFile&& other) noexcept {
  if (this == &other) return *this;
  discard();
  target_ = std::move(other.target_);
  temporary_ = std::exchange(other.temporary_, {});
  size_ = other.size_;
  fd_ = std::exchange(other.fd_, -1);
  return *this;
}

AtomicFile::~AtomicFile() { discard(); }

}  // namespace tenon
