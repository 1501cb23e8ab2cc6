// MappedFile: a regular file, mapped read-only for as long as the object lives.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

#include "framework/base/mapping_guard.hpp"
#include "framework/base/result.hpp"
#include "framework/include/tenon/load_report.hpp"

namespace tenon {

// The file may be cut short or changed while it is mapped: a checked value must not be read twice.
// With install_mapping_guard() what is cut off reads as zeros and lost() says so; without it,
// reading there ends the process.
class MappedFile {
 public:
  // Refuses everything but regular, non-empty files.
  static Result<MappedFile> open(const std::filesystem::path& path);

  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  const std::filesystem::path& path() const { return path_; }
  std::span<const std::byte> bytes() const { return bytes_; }
  std::uint64_t size() const { return bytes_.size(); }
  // What open with stat, and mmap took; the rest is 0. No page is read yet.
  const LoadTimings& times() const { return times_; }
  // A page could not be read: everything read from here since open() is in doubt. [any thread]
  bool lost() const { return guard_.lost(); }
  // What to tell the request that was reading: `code` and "<file>: model_io_error: …".
  Status check(ErrorCode code) const;

  // A hint. The range is clamped to the file; only pages that lie wholly inside it are dropped. A
  // dropped page is read again when touched.
  void drop(std::uint64_t offset, std::uint64_t count) const;

 private:
  MappedFile() = default;
  Status open_regular(int& fd, std::uint64_t& size);
  Status map(int fd, std::uint64_t size);
  void close();

  std::filesystem::path path_;
  std::span<const std::byte> bytes_;
  GuardedRange guard_;
  LoadTimings times_;
};

}  // namespace tenon
