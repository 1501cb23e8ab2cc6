// Events are asked, never called back: no thread of a driver comes here.
#include "job.hpp"

#include <cstring>

namespace tenon::opencl {
namespace {

constexpr uint64_t k_pinned_bytes = uint64_t{2} << 20;  // logits of a row, or two

}  // namespace

Job::~Job() {
  clear();
  gpu_.free_pinned(pinned_, pinned_memory_);
}

std::byte* Job::add_read(void* to, uint64_t bytes) {
  if (bytes > k_pinned_bytes - pinned_used_) return nullptr;
  if (pinned_memory_ == nullptr &&
      gpu_.make_pinned(k_pinned_bytes, CL_MAP_READ, pinned_, pinned_memory_) != TN_OK)
    return nullptr;
  std::byte* from = pinned_memory_ + pinned_used_;
  pinned_used_ += bytes;
  reads_.push_back({from, to, bytes});
  return from;
}

cl_int Job::progress() const {
  if (end == nullptr) return CL_COMPLETE;
  cl_int state = CL_QUEUED;
  const cl_int asked = gpu_.api().GetEventInfo(end, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof state,
                                               &state, nullptr);
  return asked == CL_SUCCESS ? state : asked;
}

void Job::land() const {
  if (end == nullptr) return;
  gpu_.api().WaitForEvents(1, &end);  // makes what was read visible here
  for (const Read& read : reads_) std::memcpy(read.to, read.from, read.bytes);
  for (const Time& time : times_) {
    cl_ulong from = 0, to = 0;
    const auto ask = [&](cl_profiling_info what, cl_ulong& out) {
      gpu_.api().GetEventProfilingInfo(time.launch, what, sizeof out, &out, nullptr);
    };
    ask(CL_PROFILING_COMMAND_START, from);
    ask(CL_PROFILING_COMMAND_END, to);
    *time.node_ns += to - from;
  }
}

void Job::clear() {
  if (end != nullptr) gpu_.api().ReleaseEvent(end);
  for (const Time& time : times_) gpu_.api().ReleaseEvent(time.launch);
  end = nullptr;
  steps_.clear();
  reads_.clear();
  pinned_used_ = 0;
  times_.clear();
  signals.clear();
  result = nullptr;
  status = TN_OK;
}

}  // namespace tenon::opencl
