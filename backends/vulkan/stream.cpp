// Submissions end in order, and are noticed when somebody asks: no thread is woken for a token.
#include "stream.hpp"

#include <tenon/abi/sizes_1_0.h>

#include <algorithm>
#include <tenon/sdk/device.hpp>

#include "commands.hpp"

namespace tenon::vulkan {
namespace {

constexpr size_t k_most_uploads = 3;  // in flight, while the next is filled
constexpr std::chrono::minutes k_patience{10};
constexpr uint64_t k_parts_ahead = 2;
constexpr uint64_t k_slice_ns = 20'000'000;  // how late a loss that another thread met is seen

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

tn_status Stream::open(Gpu& gpu, Memory& memory, std::unique_ptr<Stream>& out) {
  auto made = std::make_unique<Stream>(gpu, memory);
  VkSemaphoreTypeCreateInfo type{};
  type.sType = VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO;
  type.semaphoreType = VK_SEMAPHORE_TYPE_TIMELINE;
  VkSemaphoreCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO;
  info.pNext = &type;
  const tn_status status =
      gpu.check(gpu.api().CreateSemaphore(gpu.handle(), &info, nullptr, &made->semaphore_),
                "a timeline semaphore");
  if (status == TN_OK) out = std::move(made);
  return status;
}

Stream::~Stream() {
  drain();
  if (semaphore_ != VK_NULL_HANDLE) gpu_.api().DestroySemaphore(gpu_.handle(), semaphore_, nullptr);
}

void Stream::drain() {
  const std::lock_guard lock(mutex_);
  while (!all_sent() && !gpu_.lost()) {
    const tn_status status = await(next_ticket(last_ticket_), k_slice_ns);
    if ((status != TN_OK && status != TN_ERR_TIMEOUT) || retire() != TN_OK)
      gpu_.lose("what it does is not known");
  }
  const VkResult result = gpu_.api().DeviceWaitIdle(gpu_.handle());
  if (gpu_.check(result, "the device does not end its work") !=
      TN_OK)  // a lost one says so at once
    gpu_.lose("what it does is not known");
  if (gpu_.lost()) return fail_all();
  while (!flying_.empty()) end_first();
}

tn_status Stream::query(gpu::Timeline& timeline, uint64_t* value) {
  const std::lock_guard lock(mutex_);
  if (const tn_status status = retire(); status != TN_OK) return status;
  if (timeline.poison != TN_OK)
    return gpu_.refuse(timeline.poison, "the work that signals the timeline failed");
  *value = timeline.value;
  return TN_OK;
}

tn_status Stream::wait(gpu::Timeline& timeline, uint64_t value, uint64_t timeout_ns) {
  for (;;) {
    uint64_t reached = 0, ticket = 0;
    if (const tn_status status = query(timeline, &reached); status != TN_OK) return status;
    if (reached >= value) return TN_OK;
    {
      const std::lock_guard lock(mutex_);
      ticket = timeline.ticket_for(value);
      if (ticket != 0) ticket = next_ticket(ticket);
      reached = timeline.value;
    }
    if (reached >= value) continue;  // another thread has just seen it
    if (ticket == 0) return gpu_.refuse(TN_ERR_INVALID, "nothing that was submitted signals this");
    const uint64_t slice = std::min(timeout_ns, k_slice_ns);
    const tn_status status = await(ticket, slice);
    if (status != TN_OK && status != TN_ERR_TIMEOUT) return status;
    if (timeout_ns != UINT64_MAX) timeout_ns -= slice;
    if (status == TN_ERR_TIMEOUT && timeout_ns == 0) return status;
  }
}

tn_status Stream::await(uint64_t ticket, uint64_t timeout_ns) {
  VkSemaphoreWaitInfo info{};
  info.sType = VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO;
  info.semaphoreCount = 1;
  info.pSemaphores = &semaphore_;
  info.pValues = &ticket;
  return gpu_.check(gpu_.api().WaitSemaphores(gpu_.handle(), &info, timeout_ns), "waiting");
}

// What has ended since somebody asked last.
tn_status Stream::retire() {
  if (!flying_.empty() && !gpu_.lost()) {
    uint64_t reached = 0;
    const tn_status status = gpu_.check(
        gpu_.api().GetSemaphoreCounterValue(gpu_.handle(), semaphore_, &reached), "a query");
    if (status != TN_OK && !gpu_.lost()) return status;
    if (status == TN_OK) watch(reached);
    while (!flying_.empty() && flying_.front()->ticket <= reached) end_first();
    pump();
  }
  if (gpu_.lost()) fail_all();
  return gpu_.alive();
}

// A device on which nothing ends any more is as good as lost.
void Stream::watch(uint64_t reached) {
  const auto now = std::chrono::steady_clock::now();
  if (reached > last_reached_) {
    const std::chrono::nanoseconds each = (now - moved_) / (reached - last_reached_);
    for (const auto& job : flying_)
      for (size_t i = 0; i < job->n_sent; ++i) {
        const uint64_t ticket = job->ticket + 1 + i - job->parts.size();
        if (ticket > last_reached_ && ticket <= reached && job->parts[i].pace != nullptr)
          job->parts[i].pace->took(job->parts[i].number, static_cast<uint64_t>(each.count()));
      }
    moved_ = now;
    last_reached_ = reached;
  }
  if (now - moved_ > gpu_.requests().lies.patience().value_or(k_patience))
    gpu_.lose("nothing that was submitted ends");
}

void Stream::end_first() {
  std::unique_ptr<Job> job = std::move(flying_.front());
  flying_.pop_front();
  const tn_status status = job->status;
  end(std::move(job), status);
}

void Stream::end(std::unique_ptr<Job> job, tn_status status) {
  if (status == TN_OK) job->land();
  for (Pace* pace : job->paces) pace->ended();
  job->paces.clear();
  if (job->result != nullptr) *job->result = status;
  for (const tn_point& point : job->signals) {
    gpu::Timeline& signalled = *gpu::timeline(point.timeline);
    if (!failed(status))
      signalled.reach(point.value);
    else if (signalled.poison == TN_OK)
      signalled.poison = status;
  }
  idle_.push_back(std::move(job));
}

void Stream::fail_all() {
  while (!flying_.empty()) {
    std::unique_ptr<Job> job = std::move(flying_.front());
    flying_.pop_front();
    end(std::move(job), TN_ERR_DEVICE_LOST);
  }
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
    const gpu::Timeline& awaited = *gpu::timeline(work.waits[i].timeline);
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
  if (const tn_status status = retire(); status != TN_OK) return status;
  tn_status early = sdk::raised(work.cancel) ? tn_status{TN_ERR_CANCELLED} : tn_status{TN_OK};
  Staging needs;
  for (uint32_t i = 0; i < work.n_cmds; ++i)
    if (const tn_status status = check_command(gpu_, memory_, work.cmds[i], needs); status != TN_OK)
      return status;
  if (const tn_status status = check_points(work, early); status != TN_OK) return status;
  std::unique_ptr<Job> job = take_job();
  tn_status status = job->reset();
  if (status == TN_OK) status = job->reserve(memory_, needs.up, needs.down);
  if (status == TN_OK && early == TN_OK) {
    Recorder recorder(gpu_, *job);
    for (uint32_t i = 0; i < work.n_cmds && status == TN_OK; ++i)
      status = record_command(gpu_, work.cmds[i], recorder);
    if (status == TN_OK) status = recorder.finish();
  }
  if (status == TN_OK) return send(work, early, std::move(job));
  idle_.push_back(std::move(job));
  return status;
}

// Accepts the work: what fails from here on is told by timelines.
tn_status Stream::send(const tn_submit& work, tn_status early, std::unique_ptr<Job> job) {
  if (const tn_status fault = gpu_.requests().faults.next_submission(); fault != TN_OK)
    early = fault;
  job->status = early;
  job->result = work.result;
  job->signals.assign(work.signals, work.signals + work.n_signals);
  job->cancel = work.cancel;
  job->ticket = last_ticket_ + 1;
  if (!failed(early))
    if (const tn_status status = start(*job); status != TN_OK) {
      idle_.push_back(std::move(job));
      if (gpu_.lost()) fail_all();
      return status;
    }
  for (Pace* pace : job->paces) pace->began();
  for (const tn_point& point : job->signals) {
    gpu::Timeline& signalled = *gpu::timeline(point.timeline);
    signalled.promised = point.value;
    signalled.pending.push_back({point.value, job->ticket});
  }
  if (early == TN_ERR_DEVICE_LOST) {
    gpu_.api().DeviceWaitIdle(gpu_.handle());
    retire();
    gpu_.lose("on request");
  }
  if (failed(early)) {
    end(std::move(job), early);
    if (gpu_.lost()) fail_all();
  } else {
    flying_.push_back(std::move(job));
    pump();
  }
  return TN_OK;
}

tn_status Stream::upload(const Range& to, uint64_t bytes, uint64_t part, const Fill& fill) {
  for (uint64_t first = 0; first < bytes; first += part) {
    const uint64_t n = std::min(part, bytes - first);
    const tn_status status = upload_part({to.buffer(), to.offset() + first, n}, first, fill);
    if (status != TN_OK) return status;
  }
  return TN_OK;
}

tn_status Stream::upload_part(const Recorder::Place& to, uint64_t first, const Fill& fill) {
  const std::lock_guard lock(mutex_);
  if (const tn_status status = retire(); status != TN_OK) return status;
  while (flying_.size() >= k_most_uploads) {
    tn_status status = await(next_ticket(flying_.front()->ticket), k_slice_ns);
    if (status == TN_OK || status == TN_ERR_TIMEOUT) status = retire();
    if (status != TN_OK) return status;
  }
  std::unique_ptr<Job> job = take_job();
  tn_status status = job->reset();
  if (status == TN_OK) status = job->reserve(memory_, to.bytes, 0);
  if (status == TN_OK) {
    Recorder recorder(gpu_, *job);
    if (std::byte* staged = recorder.stage(to)) fill(staged, first, to.bytes);
    status = recorder.finish();
  }
  if (status == TN_OK) status = start(*job);
  (status == TN_OK ? flying_.emplace_back() : idle_.emplace_back()) = std::move(job);
  return status;
}

void Stream::trim() {
  const std::lock_guard lock(mutex_);
  idle_.clear();
}

uint64_t Stream::next_ticket(uint64_t ticket) const {
  return all_sent() ? ticket : std::min(ticket, last_reached_ + 1);
}

// Its tickets, and its first part unless others come before it.
tn_status Stream::start(Job& job) {
  const uint64_t before = last_ticket_;
  job.ticket = last_ticket_ = before + job.parts.size();
  const tn_status status = all_sent() ? push(job) : tn_status{TN_OK};
  if (status != TN_OK) last_ticket_ = before;
  return status;
}

// Parts are sent while few are on their way, so that a job can be cancelled before the others.
void Stream::pump() {
  for (const std::unique_ptr<Job>& job : flying_)
    while (job->n_sent < job->parts.size()) {
      if (job->n_sent > 0 && last_sent_ - last_reached_ >= k_parts_ahead) return;
      if (sdk::raised(job->cancel) && !failed(job->status)) job->status = TN_ERR_CANCELLED;
      if (push(*job) != TN_OK) return gpu_.lose("a part could not be submitted");
    }
}

// The next part, or the end of a job that was cancelled.
tn_status Stream::push(Job& job) {
  const bool ends = job.status == TN_ERR_CANCELLED || job.n_sent + 1 == job.parts.size();
  const size_t begin = job.parts[job.n_sent].begin;
  size_t end = ends ? job.order.size() : job.parts[job.n_sent + 1].begin;
  if (job.status == TN_ERR_CANCELLED) end = begin;
  buffers_.clear();
  for (size_t i = begin; i < end; ++i) {
    VkCommandBufferSubmitInfo& info = buffers_.emplace_back();
    info.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_SUBMIT_INFO;
    info.commandBuffer = job.order[i];
  }
  VkSemaphoreSubmitInfo signal{};
  signal.sType = VK_STRUCTURE_TYPE_SEMAPHORE_SUBMIT_INFO;
  signal.semaphore = semaphore_;
  signal.value = ends ? job.ticket : job.ticket + 1 + job.n_sent - job.parts.size();
  signal.stageMask = VK_PIPELINE_STAGE_2_ALL_COMMANDS_BIT;
  VkSubmitInfo2 info{};
  info.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO_2;
  info.commandBufferInfoCount = static_cast<uint32_t>(buffers_.size());
  info.pCommandBufferInfos = buffers_.data();
  info.signalSemaphoreInfoCount = 1;
  info.pSignalSemaphoreInfos = &signal;
  if (last_sent_ == last_reached_) moved_ = std::chrono::steady_clock::now();  // it was idle
  const tn_status status =
      gpu_.check(gpu_.api().QueueSubmit2(gpu_.queue(), 1, &info, VK_NULL_HANDLE), "a submission");
  if (status != TN_OK) return status;
  last_sent_ = signal.value;
  job.n_sent = ends ? job.parts.size() : job.n_sent + 1;
  return TN_OK;
}

}  // namespace tenon::vulkan
