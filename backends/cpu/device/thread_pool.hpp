// The workers of the device: persistent threads that run one body together, meet at barriers and
// share out items. The floating-point mode stays the default (round to nearest, denormals kept) in
// every worker, so that no result depends on who computed it.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "backends/cpu/device/gate.hpp"

namespace tenon::cpu {

class ThreadPool {
 public:
  using Body = void (*)(void* context, unsigned worker);

  // n_workers counts the thread that calls run(). Fewer are started if the system refuses.
  // usable_cores: with more workers than that, waiting gives the core away sooner.
  ThreadPool(unsigned n_workers, unsigned usable_cores);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  unsigned size() const { return size_; }

  // The right to run: callers on several threads take turns.
  class Turn {
   public:
    explicit Turn(ThreadPool& pool);
    ~Turn();
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    // Runs the body on every worker, the caller being worker 0; returns when all are done.
    void run(Body body, void* context) { pool_.run(body, context); }

   private:
    ThreadPool& pool_;
  };

  // --- for bodies; every worker makes the same calls in the same order ---

  // Waits for all workers. The last to arrive calls on_last() while the others still wait.
  template <class OnLast>
  void barrier(OnLast&& on_last) {
    const uint32_t seen = barrier_.value();
    if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 < size_) {
      barrier_.wait_past(seen, pauses_);
      return;
    }
    arrived_.store(0, std::memory_order_relaxed);
    if (next_.load(std::memory_order_relaxed) != 0) next_.store(0, std::memory_order_relaxed);
    on_last();
    barrier_.advance();
  }
  void barrier() {
    barrier([] {});
  }

  // Gives out the items of one phase, each once; a barrier must lie between two phases.
  template <class Run>
  void share(unsigned worker, uint64_t items, uint64_t max_chunk, Run&& run) {
    if (items < k_items_for_chunks * size_) {
      const uint64_t first = items * worker / size_, last = items * (worker + 1) / size_;
      if (first < last) run(first, last);
      return;
    }
    share_chunks(items, max_chunk, run);
  }

 private:
  static constexpr uint64_t k_items_for_chunks = 4;

  // Guided self-scheduling: big contiguous chunks first, small ones (an eighth of a fair share) at
  // the end, so that a worker that lost its core for a while holds up the others by little. Each
  // chunk costs a cache line that travels between cores.
  template <class Run>
  void share_chunks(uint64_t items, uint64_t max_chunk, Run&& run) {
    if (size_ == 1 && items <= max_chunk) return run(0, items);
    const uint64_t least = std::min(std::max<uint64_t>(1, items / (8 * size_)), max_chunk);
    uint64_t first = next_.load(std::memory_order_relaxed);
    while (first < items) {
      const uint64_t left = items - first;
      const uint64_t n = std::min(left, std::clamp(left / (2 * size_), least, max_chunk));
      if (!next_.compare_exchange_weak(first, first + n, std::memory_order_relaxed)) continue;
      run(first, first + n);
      first = next_.load(std::memory_order_relaxed);
    }
  }

  void start(unsigned n_workers);
  void run(Body body, void* context);
  void work(unsigned worker);

  unsigned size_ = 1;
  uint32_t pauses_;
  Body body_ = nullptr;
  void* context_ = nullptr;
  bool stopping_ = false;
  std::atomic<bool> taken_{false};
  std::vector<std::thread> threads_;
  alignas(64) Gate start_;
  alignas(64) Gate barrier_;
  std::atomic<uint32_t> arrived_{0};  // shares the line: the last to arrive has it, and opens
  alignas(64) std::atomic<uint64_t> next_{0};
};

}  // namespace tenon::cpu
