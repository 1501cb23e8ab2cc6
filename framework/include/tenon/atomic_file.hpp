// AtomicFile: a file that appears whole or not at all: temporary sibling, fsync, rename.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

#include "result.hpp"

namespace tenon {

// Until commit() the target is untouched; without commit() the temporary file is removed.
class AtomicFile {
 public:
  static Result<AtomicFile> create(const std::filesystem::path& target);

  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&& other) noexcept;
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  const std::filesystem::path& target() const { return target_; }
  Status append(std::span<const std::byte> bytes);
  Status write_at(std::uint64_t offset, std::span<const std::byte> bytes);
  Status commit();

 private:
  AtomicFile() = default;
  tl::unexpected<Error> io_error(std::string_view what) const;
  void discard();

  std::filesystem::path target_, temporary_;
  std::uint64_t size_ = 0;
  int fd_ = -1;
};

}  // namespace tenon
