// The thread of a queue: wait, work, signal; a failure poisons what would have been signalled.
#include "queue.hpp"

#include <tenon/abi/sizes_1_0.h>

#include <array>
#include <chrono>

#include "timeline.hpp"

namespace foreign {

using tenon::sdk::fail;
using tenon::sdk::guarded;

namespace {

constexpr uint64_t k_cancel_poll_ns =
    2'000'000;  // how late a cancellation may be seen while waiting
// Between the work and its signal, in turn: a real device is never done when submit returns.
constexpr std::array k_latencies = {std::chrono::microseconds(20), std::chrono::microseconds(150),
                                    std::chrono::microseconds(0), std::chrono::microseconds(60)};

// NULL, or why these points cannot be used.
const char* bad_points(const tn_point* points, uint32_t n) {
  if (n != 0 && points == nullptr) return "points are missing";
  for (uint32_t i = 0; i < n; ++i)
    if (points[i].timeline == nullptr) return "a point has no timeline";
  return nullptr;
}

}  // namespace

Queue::~Queue() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  arrived_.notify_one();
  thread_.join();
}

tn_status Queue::submit(const tn_submit* s) {
  const tn_host* host = owner_.host;
  if (s == nullptr || s->struct_size < TN_SIZE_1_0_tn_submit ||
      (s->n_cmds != 0 && s->cmds == nullptr))
    return fail(host, TN_ERR_INVALID, "a submission is too short or lacks its commands");
  if (tenon::sdk::must_decline(s->flags)) return fail(host, TN_ERR_UNSUPPORTED, "unknown flags");
  for (const char* why : {bad_points(s->waits, s->n_waits), bad_points(s->signals, s->n_signals)})
    if (why != nullptr) return fail(host, TN_ERR_INVALID, why);
  Job job{{s->waits, s->waits + s->n_waits},
          {s->signals, s->signals + s->n_signals},
          std::vector<Work>(s->n_cmds),
          s->cancel,
          s->result,
          TN_OK};
  for (uint32_t i = 0; i < s->n_cmds; ++i)
    if (const tn_status status = prepare(host, owner_.memory, s->cmds[i], job.work[i]);
        status != TN_OK)
      return status;
  if (const tn_status status = check_points(job); status != TN_OK) return status;
  job.fault = owner_.faults.next();
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  arrived_.notify_one();
  return TN_OK;
}

// Nothing may be waited for that was not submitted before; signals rise. Last of all checks: it
// promises the signals.
tn_status Queue::check_points(const Job& job) const {
  for (const tn_point& point : job.waits)
    if (!timeline(point.timeline)->promised(point.value))
      return fail(owner_.host, TN_ERR_INVALID,
                  "nothing that was submitted signals what is awaited");
  for (const tn_point& point : job.signals)
    if (timeline(point.timeline)->promised(point.value))
      return fail(owner_.host, TN_ERR_INVALID, "a signal does not rise above its timeline");
  for (const tn_point& point : job.signals) timeline(point.timeline)->promise(point.value);
  return TN_OK;
}

void Queue::loop() {
  size_t turn = 0;
  for (Job job; take(job);) {
    const tn_status status = guarded([&] { return run(job); });
    std::this_thread::sleep_for(k_latencies[turn++ % k_latencies.size()]);
    finish(job, status);
  }
}

// False when the queue is closed and empty.
bool Queue::take(Job& job) {
  std::unique_lock lock(mutex_);
  arrived_.wait(lock, [&] { return closing_ || !jobs_.empty(); });
  if (jobs_.empty()) return false;
  job = std::move(jobs_.front());
  jobs_.pop_front();
  return true;
}

// What has begun runs to its end, whatever the flag of the host says.
tn_status Queue::run(const Job& job) {
  if (owner_.lost) return TN_ERR_DEVICE_LOST;
  if (const tn_status status = await(job); status != TN_OK) return status;
  if (job.fault != TN_OK) return job.fault;
  for (const Work& work : job.work)
    if (const tn_status status = work(); status != TN_OK) return status;
  return TN_OK;
}

tn_status Queue::await(const Job& job) const {
  const auto stopped = [&] { return closing_ || tenon::sdk::raised(job.cancel); };
  for (const tn_point& point : job.waits) {
    tn_status status = TN_ERR_TIMEOUT;
    while (status == TN_ERR_TIMEOUT && !stopped())
      status = timeline(point.timeline)->wait(point.value, k_cancel_poll_ns);
    if (status != TN_OK && status != TN_ERR_TIMEOUT) return status;
  }
  return stopped() ? TN_ERR_CANCELLED : TN_OK;
}

void Queue::finish(const Job& job, tn_status status) const {
  if (job.result != nullptr) *job.result = status;
  if (status == TN_ERR_DEVICE_LOST) owner_.lost = true;  // waits return from now on
  const bool failed = status != TN_OK && status != TN_ERR_CANCELLED;
  for (const tn_point& point : job.signals)
    failed ? timeline(point.timeline)->poison(status)
           : timeline(point.timeline)->signal(point.value);
}

}  // namespace foreign
