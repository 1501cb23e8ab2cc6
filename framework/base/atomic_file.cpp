// AtomicFile over O_TMPFILE (or O_EXCL), fsync and rename.
#include "framework/base/atomic_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <optional>
#include <system_error>
#include <utility>

namespace tenon {
namespace {

namespace fs = std::filesystem;

constexpr int k_attempts = 100;
constexpr int k_most_links = 40;  // as the kernel

fs::path folder_of(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

// The rename itself is only durable once the folder is synced; some file systems refuse that.
void sync_folder(const fs::path& file) {
  const int fd = ::open(folder_of(file).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  static_cast<void>(::fsync(fd));
  ::close(fd);
}

// The path behind symbolic links, also where it does not exist yet. It ends at a link of /proc such
// as /proc/self/fd/1, which leads to an open file and not to a name.
fs::path behind_links(fs::path path) {
  std::error_code error;
  for (int i = 0; i < k_most_links; ++i) {
    if (!fs::is_symlink(fs::symlink_status(path, error))) return path;
    const fs::path folder = fs::canonical(folder_of(path), error);
    if (error || folder.string().starts_with("/proc/")) return folder / path.filename();
    const fs::path next = fs::read_symlink(path, error);
    if (error) return path;
    path = folder / next;  // `next` itself, if it is absolute
  }
  return path;
}

// The number of an own descriptor that the path stands for.
std::optional<int> own_descriptor(const fs::path& path) {
  const std::string text = path.string();
  const std::string folder = fmt::format("/proc/{}/fd/", ::getpid());
  if (!text.starts_with(folder)) return std::nullopt;
  int fd = -1;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data() + folder.size(), end, fd);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return fd;
}

std::string temporary_name(const fs::path& file, int attempt) {
  return fmt::format("{}.{}.{}.tmp", file.string(), ::getpid(), attempt);
}

}  // namespace

Result<AtomicFile> AtomicFile::create(const fs::path& target, unsigned mode) {
  AtomicFile file(target);
  if (Status opened = file.open(mode); !opened) return fail(opened);
  return file;
}

Status AtomicFile::open(unsigned mode) {
  const fs::path path = behind_links(target_);
  struct stat old {};
  const bool exists = ::stat(path.c_str(), &old) == 0;
  if (const auto own = own_descriptor(path)) {
    // Not opened anew: what is written goes behind what is there.
    fd_ = ::fcntl(*own, F_DUPFD_CLOEXEC, 0);
  } else if (path.string().starts_with("/proc/") || (exists && !S_ISREG(old.st_mode))) {
    fd_ = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  } else {
    destination_ = path;
    if (!open_unnamed(mode) && !open_named(mode)) return io_error("cannot create");
    if (exists) {
      static_cast<void>(::fchown(fd_, old.st_uid, old.st_gid));  // only some may
      if (::fchmod(fd_, old.st_mode & 0777U) != 0) return io_error("cannot set the mode of");
    }
  }
  if (fd_ < 0) return io_error("cannot open");
  return {};
}

// A file without a name goes with the process, however that ends. Some file systems have none, and
// without /proc it cannot be given its name.
bool AtomicFile::open_unnamed(unsigned mode) {
  if (::access("/proc/self/fd", X_OK) != 0) return false;
  fd_ = ::open(folder_of(destination_).c_str(), O_WRONLY | O_TMPFILE | O_CLOEXEC, mode);
  return fd_ >= 0;
}

bool AtomicFile::open_named(unsigned mode) {
  for (int attempt = 0; attempt < k_attempts; ++attempt) {
    fs::path name = temporary_name(destination_, attempt);
    fd_ = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd_ >= 0) temporary_ = std::move(name);
    if (fd_ >= 0 || errno != EEXIST) break;
  }
  return fd_ >= 0;
}

// Only a name can be renamed over another.
bool AtomicFile::name_unnamed() {
  const std::string open_file = fmt::format("/proc/self/fd/{}", fd_);
  for (int attempt = 0; attempt < k_attempts; ++attempt) {
    fs::path name = temporary_name(destination_, attempt);
    const int named =
        ::linkat(AT_FDCWD, open_file.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW);
    if (named == 0) temporary_ = std::move(name);
    if (named == 0 || errno != EEXIST) return named == 0;
  }
  return false;
}

Status AtomicFile::append(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t done = ::write(fd_, bytes.data(), bytes.size());
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return io_error("cannot write");
    bytes = bytes.subspan(static_cast<std::size_t>(done));
  }
  return {};
}

Status AtomicFile::write_at(std::uint64_t offset, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t done = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return io_error("cannot write");
    offset += static_cast<std::uint64_t>(done);
    bytes = bytes.subspan(static_cast<std::size_t>(done));
  }
  return {};
}

Status AtomicFile::commit() {
  if (destination_.empty()) {
    if (::close(std::exchange(fd_, -1)) != 0) return io_error("cannot close");
    return {};
  }
  if (::fsync(fd_) != 0) return io_error("cannot sync");
  if (temporary_.empty() && !name_unnamed()) return io_error("cannot name");
  // A late write error of a network file system shows up at close.
  if (::close(std::exchange(fd_, -1)) != 0) return io_error("cannot close");
  if (::rename(temporary_.c_str(), destination_.c_str()) != 0) return io_error("cannot rename to");
  temporary_.clear();
  sync_folder(destination_);
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
  destination_ = std::move(other.destination_);
  temporary_ = std::exchange(other.temporary_, {});
  fd_ = std::exchange(other.fd_, -1);
  return *this;
}

AtomicFile::~AtomicFile() { discard(); }

}  // namespace tenon
