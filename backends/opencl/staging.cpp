// Pinned memory is a buffer of the driver's that stays mapped.
#include "staging.hpp"

namespace tenon::opencl {

tn_status Staging::put(const Block& block, uint64_t offset, uint64_t n, const Fill& fill) {
  const std::lock_guard lock(mutex_);
  return gpu_.physical().is_cpu ? put_mapped(block, offset, n, fill)
                                : put_pinned(block, offset, n, fill);
}

tn_status Staging::put_mapped(const Block& block, uint64_t offset, uint64_t n, const Fill& fill) {
  const Api& api = gpu_.api();
  cl_int result = CL_SUCCESS;
  void* memory = api.EnqueueMapBuffer(gpu_.uploads(), block.buffer(), CL_TRUE, CL_MAP_WRITE, offset,
                                      n, 0, nullptr, nullptr, &result);
  if (result != CL_SUCCESS) return gpu_.check_made(result, "mapping a weight");
  fill(static_cast<std::byte*>(memory));
  result = api.EnqueueUnmapMemObject(gpu_.uploads(), block.buffer(), memory, 0, nullptr, nullptr);
  if (result == CL_SUCCESS) result = api.Finish(gpu_.uploads());
  return gpu_.check(result, "uploading a weight");
}

tn_status Staging::put_pinned(const Block& block, uint64_t offset, uint64_t n, const Fill& fill) {
  Piece& piece = pieces_[next_++ % pieces_.size()];
  if (const tn_status status = prepare(piece); status != TN_OK) return status;
  if (const tn_status status = await(piece); status != TN_OK) return status;
  fill(piece.memory);
  const Api& api = gpu_.api();
  cl_int result = api.EnqueueWriteBuffer(gpu_.uploads(), block.buffer(), CL_FALSE, offset, n,
                                         piece.memory, 0, nullptr, &piece.copied);
  if (result == CL_SUCCESS) result = api.Flush(gpu_.uploads());
  return gpu_.check(result, "uploading a weight");
}

tn_status Staging::prepare(Piece& piece) {
  if (piece.memory != nullptr) return TN_OK;
  return gpu_.make_pinned(k_most, CL_MAP_WRITE, piece.buffer, piece.memory);
}

tn_status Staging::await(Piece& piece) {
  if (piece.copied == nullptr) return TN_OK;
  const cl_int result = gpu_.api().WaitForEvents(1, &piece.copied);
  gpu_.api().ReleaseEvent(piece.copied);
  piece.copied = nullptr;
  return gpu_.check(result, "uploading a weight");
}

tn_status Staging::finish() {
  const std::lock_guard lock(mutex_);
  tn_status first = TN_OK;
  for (Piece& piece : pieces_) {
    if (const tn_status status = await(piece); first == TN_OK) first = status;
    gpu_.free_pinned(piece.buffer, piece.memory);
  }
  return first;
}

}  // namespace tenon::opencl
