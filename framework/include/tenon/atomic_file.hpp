// AtomicFile: a file that appears whole or not at all; devices, pipes and the like are written to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

#include "result.hpp"

namespace tenon {

// Writes beside the target and renames at the end: until commit() the target is untouched, without
// commit() nothing stays. Links are followed, and an existing file keeps its mode and owner. What is
// not a regular file (a device, a FIFO, /dev/stdout) is not replaced but written to at once.
class AtomicFile {
 public:
  // `mode`: the permissions of a file that is not there yet, before the umask.
  static Result<AtomicFile> create(const std::filesystem::path& target, unsigned mode = 0666);

  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&& other) noexcept;
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  const std::filesystem::path& target() const { return target_; }
  Status append(std::span<const std::byte> bytes);
  // Over what was appended before. Fails on what cannot be rewound, such as a FIFO.
  Status write_at(std::uint64_t offset, std::span<const std::byte> bytes);
  Status commit();

 private:
  explicit AtomicFile(std::filesystem::path target) : target_(std::move(target)) {}
  Status open(unsigned mode);
  bool open_unnamed(unsigned mode);
  bool open_named(unsigned mode);
  bool name_unnamed();
  tl::unexpected<Error> io_error(std::string_view what) const;
  void discard();

  std::filesystem::path target_;  // as it was given
  std::filesystem::path
      destination_;                  // what commit() replaces; empty when it is written to at once
  std::filesystem::path temporary_;  // empty while the new file has no name
  int fd_ = -1;
};

}  // namespace tenon
