// Events are asked, never called back: no thread of a driver comes here.
#include "job.hpp"

namespace tenon::opencl {

cl_int Job::progress() const {
  if (end == nullptr) return CL_COMPLETE;
  cl_int state = CL_QUEUED;
  const cl_int asked = gpu_.api().GetEventInfo(end, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof state,
                                               &state, nullptr);
  return asked == CL_SUCCESS ? state : asked;
}

void Job::land() const {
  if (end != nullptr) gpu_.api().WaitForEvents(1, &end);  // makes what was read visible here
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
  times_.clear();
  signals.clear();
  result = nullptr;
  status = TN_OK;
}

}  // namespace tenon::opencl
