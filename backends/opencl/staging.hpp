// The way of weights to the device: they are packed where the device reads them. On a device of the CPU that
// is the buffer itself; on others two pieces of pinned memory take turns, so that packing and copying
// overlap.
#pragma once

#include <array>
#include <functional>
#include <mutex>

#include "memory.hpp"

namespace tenon::opencl {

class Staging {
 public:
  explicit Staging(Gpu& gpu) : gpu_(gpu) {}
  ~Staging() { finish(); }
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;

  static constexpr uint64_t k_most = uint64_t{16} << 20;  // bytes of one put

  using Fill = std::function<void(std::byte* to)>;
  // `fill` writes the n bytes that the block gets at `offset`. Any thread.
  tn_status put(const Block& block, uint64_t offset, uint64_t n, const Fill& fill);
  // Until everything lies on the device; gives the memory back.
  tn_status finish();

 private:
  struct Piece {
    cl_mem buffer = nullptr;
    std::byte* memory = nullptr;
    cl_event copied = nullptr;  // NULL: nothing is on its way
  };
  tn_status put_mapped(const Block& block, uint64_t offset, uint64_t n, const Fill& fill);
  tn_status put_pinned(const Block& block, uint64_t offset, uint64_t n, const Fill& fill);
  tn_status prepare(Piece& piece);
  tn_status await(Piece& piece);

  Gpu& gpu_;
  std::mutex mutex_;
  std::array<Piece, 2> pieces_;
  size_t next_ = 0;
};

}  // namespace tenon::opencl
