// ThreadPool: start, wake and end of the workers.
#include "backends/cpu/device/thread_pool.hpp"

#include <pthread.h>
#include <signal.h>

#include <cstdio>
#include <system_error>

namespace tenon::cpu {

namespace {

// About 10 us of pausing before the first yield (longer than most phases' imbalance, short enough
// to find out that another program has the core); next to nothing where workers outnumber cores.
constexpr uint32_t k_pauses = 200, k_pauses_crowded = 16;

// Workers take no signals of the process, but their own faults must reach the host's handler.
void block_signals(sigset_t* before) {
  sigset_t all;
  sigfillset(&all);
  for (int fault : {SIGBUS, SIGSEGV, SIGFPE, SIGILL, SIGTRAP}) sigdelset(&all, fault);
  pthread_sigmask(SIG_SETMASK, &all, before);
}

void name_this_thread(unsigned worker) {
  char name[16];
  std::snprintf(name, sizeof name, "tenon-cpu-%u", worker % 1000);
  pthread_setname_np(pthread_self(), name);
}

}  // namespace

ThreadPool::ThreadPool(unsigned n_workers, unsigned usable_cores)
    : pauses_(n_workers > usable_cores ? k_pauses_crowded : k_pauses) {
  threads_.reserve(n_workers);
  sigset_t before;
  block_signals(&before);
  start(n_workers);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  // No worker reads the size before the first run.
  size_ = static_cast<unsigned>(threads_.size()) + 1;
}

void ThreadPool::start(unsigned n_workers) {
  try {
    for (unsigned worker = 1; worker < n_workers; ++worker) {
      threads_.emplace_back([this, worker] { work(worker); });
    }
  } catch (const std::system_error&) {
    // A limit on threads: fewer workers give the same results.
  }
}

ThreadPool::~ThreadPool() {
  stopping_ = true;
  start_.advance();
  for (std::thread& thread : threads_) thread.join();
}

void ThreadPool::work(unsigned worker) {
  name_this_thread(worker);
  for (uint32_t seen = 0;; ++seen) {
    start_.wait_past(seen, pauses_);
    if (stopping_) return;
    body_(context_, worker);
    barrier();
  }
}

void ThreadPool::run(Body body, void* context) {
  body_ = body;
  context_ = context;
  if (size_ > 1) start_.advance();
  body(context, 0);
  barrier();
}

ThreadPool::Turn::Turn(ThreadPool& pool) : pool_(pool) {
  while (pool_.taken_.exchange(true, std::memory_order_acquire)) {
    pool_.taken_.wait(true, std::memory_order_relaxed);
  }
}

ThreadPool::Turn::~Turn() {
  pool_.taken_.store(false, std::memory_order_release);
  pool_.taken_.notify_one();
}

}  // namespace tenon::cpu
