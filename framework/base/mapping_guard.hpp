// Mapping guard: a mapped file that is cut short, or that the disk fails to read, becomes zeros and
// a flag instead of the death of the process by SIGBUS.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "framework/base/result.hpp"

namespace tenon {

// Installs the handler, once per process; programs choose this, libraries do not. A SIGBUS that
// does not come from a GuardedRange goes to the handler that was there before. [any thread]
Status install_mapping_guard();

// A mapping that the handler knows: on its first lost page all of it becomes zeros, so that threads
// that are reading go on, and lost() says that what they read means nothing.
class GuardedRange {
 public:
  GuardedRange() = default;
  // Errors: ErrorCode::limit when too many are in use. Must be gone before the range is unmapped.
  static Result<GuardedRange> add(std::span<const std::byte> pages);

  GuardedRange(GuardedRange&& other) noexcept;
  GuardedRange& operator=(GuardedRange&& other) noexcept;
  GuardedRange(const GuardedRange&) = delete;
  GuardedRange& operator=(const GuardedRange&) = delete;
  ~GuardedRange() { remove(); }

  bool lost() const;  // [any thread]
  void remove();

 private:
  static constexpr std::size_t k_none = SIZE_MAX;
  explicit GuardedRange(std::size_t slot) : slot_(slot) {}

  std::size_t slot_ = k_none;
};

}  // namespace tenon
