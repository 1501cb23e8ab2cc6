// Submissions end in order, and are noticed when somebody asks: no thread is woken for a token.
#include "stream.hpp"

#include <tenon/abi/sizes_1_0.h>

#include <algorithm>
#include <chrono>
#include <tenon/sdk/device.hpp>
#include <thread>

#include "commands.hpp"

namespace tenon::opencl {
namespace {

using std::chrono::nanoseconds;

constexpr uint64_t k_shortest_sleep_ns = 5'000, k_longest_sleep_ns = 1'000'000;

const char* bad_points(const tn_point* points, uint32_t n) {
  if (n != 0 && points == nullptr) return "points are missing";
  for (uint32_t i = 0; i < n; ++i)
    if (points[i].timeline == nullptr) return "a point has no timeline";
  return nullptr;
}

const char* why_bad(const tn_submit& work) {
  if (work.struct_size < TN_SIZE_1_0_tn_submit || (work.n_cmds != 0 && work.cmds == nullptr))
    return "a submission is too short or lacks its commands";
  if (const char* why = bad_points(work.waits, work.n_waits)) return why;
  return bad_points(work.signals, work.n_signals);
}

bool failed(tn_status status) { return status != TN_OK && status != TN_ERR_CANCELLED; }

}  // namespace

void Stream::drain() {
  const std::lock_guard lock(mutex_);
  if (!flying_.empty()) gpu_.check(gpu_.api().Finish(gpu_.queue()), "waiting for the device");
  retire();
}

tn_status Stream::query(Timeline& timeline, uint64_t* value) {
  const std::lock_guard lock(mutex_);
  retire();
  if (const tn_status status = gpu_.alive(); status != TN_OK) return status;
  if (timeline.poison != TN_OK) {
    const std::string why = "the work that signals the timeline failed: " + gpu_.last_failure();
    return gpu_.refuse(timeline.poison, why.c_str());
  }
  *value = timeline.value;
  return TN_OK;
}

tn_status Stream::wait(Timeline& timeline, uint64_t value, uint64_t timeout_ns) {
  for (;;) {
    uint64_t reached = 0, ticket = 0;
    if (const tn_status status = query(timeline, &reached); status != TN_OK) return status;
    if (reached >= value) return TN_OK;
    {
      const std::lock_guard lock(mutex_);
      if (timeline.value >= value || timeline.poison != TN_OK)
        continue;  // another thread saw it end
      ticket = timeline.ticket_for(value);
    }
    if (ticket == 0) return gpu_.refuse(TN_ERR_INVALID, "nothing that was submitted signals this");
    if (const tn_status status = await(ticket, timeout_ns); status != TN_OK) return status;
  }
}

// OpenCL waits for ever or not at all: with a limit the event is asked again and again. Whatever ended
// the work is found by the next query.
tn_status Stream::await(uint64_t ticket, uint64_t timeout_ns) {
  const Api& api = gpu_.api();
  cl_event event = nullptr;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& job : flying_)  // work that failed before it ran ends with what is before it
      if (job->ticket <= ticket && job->end != nullptr) event = job->end;
    if (event == nullptr) return TN_OK;
    api.RetainEvent(event);
  }
  const auto start = std::chrono::steady_clock::now();
  tn_status status = TN_OK;
  if (timeout_ns == UINT64_MAX) api.WaitForEvents(1, &event);
  for (uint64_t sleep = k_shortest_sleep_ns; timeout_ns != UINT64_MAX; sleep += sleep / 4) {
    cl_int state = CL_QUEUED;
    const cl_int result =
        api.GetEventInfo(event, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof state, &state, nullptr);
    if (result != CL_SUCCESS || state <= CL_COMPLETE) break;
    const auto spent =
        static_cast<uint64_t>(nanoseconds(std::chrono::steady_clock::now() - start).count());
    if (spent >= timeout_ns) {
      status = TN_ERR_TIMEOUT;
      break;
    }
    sleep = std::min({sleep, k_longest_sleep_ns, timeout_ns - spent});
    std::this_thread::sleep_for(nanoseconds(sleep));
  }
  api.ReleaseEvent(event);
  return status;
}

// What has ended since somebody asked last.
void Stream::retire() {
  while (!flying_.empty() && !gpu_.lost()) {
    const cl_int progress = flying_.front()->progress();
    if (progress > CL_COMPLETE) return;
    const tn_status status = gpu_.check(progress, "the device failed");
    end_first(status != TN_OK ? status : flying_.front()->status);
  }
  if (gpu_.lost()) fail_all();
}

void Stream::end_first(tn_status status) {
  std::unique_ptr<Job> job = std::move(flying_.front());
  flying_.pop_front();
  if (status == TN_OK) job->land();
  if (job->result != nullptr) *job->result = status;
  for (const tn_point& point : job->signals) {
    Timeline& signalled = *gpu::timeline(point.timeline);
    if (!failed(status))
      signalled.reach(point.value);
    else if (signalled.poison == TN_OK)
      signalled.poison = status;
  }
  job->clear();
  idle_.push_back(std::move(job));
}

void Stream::fail_all() {
  while (!flying_.empty()) end_first(TN_ERR_DEVICE_LOST);
}

std::unique_ptr<Job> Stream::take_job() {
  if (idle_.empty()) return std::make_unique<Job>(gpu_);
  std::unique_ptr<Job> job = std::move(idle_.back());
  idle_.pop_back();
  return job;
}

// Nothing may be waited for that was not submitted before; signals rise.
tn_status Stream::check_points(const tn_submit& work, tn_status& poisoned) const {
  for (uint32_t i = 0; i < work.n_waits; ++i) {
    const Timeline& awaited = *gpu::timeline(work.waits[i].timeline);
    if (awaited.poison != TN_OK) poisoned = awaited.poison;
    if (work.waits[i].value > awaited.promised)
      return gpu_.refuse(TN_ERR_INVALID, "nothing that was submitted signals what is awaited");
  }
  for (uint32_t i = 0; i < work.n_signals; ++i)
    if (work.signals[i].value <= gpu::timeline(work.signals[i].timeline)->promised)
      return gpu_.refuse(TN_ERR_INVALID, "a signal does not rise above its timeline");
  return TN_OK;
}

tn_status Stream::submit(const tn_submit& work) {
  if (const char* why = why_bad(work)) return gpu_.refuse(TN_ERR_INVALID, why);
  if (sdk::must_decline(work.flags)) return gpu_.refuse(TN_ERR_UNSUPPORTED, "unknown flags");
  const std::lock_guard lock(mutex_);
  retire();
  if (const tn_status status = gpu_.alive(); status != TN_OK) return status;
  for (uint32_t i = 0; i < work.n_cmds; ++i)
    if (const tn_status status = check_command(gpu_, memory_, work.cmds[i]); status != TN_OK)
      return status;
  tn_status early = sdk::raised(work.cancel) ? tn_status{TN_ERR_CANCELLED} : tn_status{TN_OK};
  if (const tn_status status = check_points(work, early); status != TN_OK) return status;
  send(work, early);
  return TN_OK;
}

// The work is accepted: what fails from here on is told by timelines.
void Stream::send(const tn_submit& work, tn_status early) {
  std::unique_ptr<Job> job = take_job();
  if (const tn_status fault = gpu_.faults().next_submission(); fault != TN_OK) early = fault;
  job->result = work.result;
  job->signals.assign(work.signals, work.signals + work.n_signals);
  job->ticket = ++last_ticket_;
  for (const tn_point& point : job->signals) {
    Timeline& signalled = *gpu::timeline(point.timeline);
    signalled.promised = point.value;
    signalled.pending.push_back({point.value, job->ticket});
  }
  job->status = early == TN_OK ? enqueue(work, *job) : early;
  const bool lost = job->status == TN_ERR_DEVICE_LOST;
  flying_.push_back(std::move(job));
  if (!lost) return;
  gpu_.api().Finish(gpu_.queue());  // nothing touches the host's memory any more
  gpu_.lose();
  fail_all();
}

tn_status Stream::enqueue(const tn_submit& work, Job& job) {
  tn_status status = TN_OK;
  for (uint32_t i = 0; i < work.n_cmds && status == TN_OK; ++i)
    status = enqueue_command(gpu_, work.cmds[i], job);
  const Api& api = gpu_.api();
  if (status == TN_OK)
    status =
        gpu_.check(api.EnqueueMarkerWithWaitList(gpu_.queue(), 0, nullptr, &job.end), "a marker");
  if (status == TN_OK) status = gpu_.check(api.Flush(gpu_.queue()), "a submission");
  // What was enqueued uses the host's memory.
  if (status != TN_OK || gpu_.physical().one_by_one) api.Finish(gpu_.queue());
  return status;
}

}  // namespace tenon::opencl
