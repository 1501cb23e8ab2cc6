// A queue: submit checks everything, then waits, works and signals on the calling thread.
#pragma once

#include <tenon/sdk/device.hpp>

#include "backends/cpu/device/thread_pool.hpp"

namespace tenon::cpu {

class Queue : public sdk::Queue {
 public:
  Queue(const tn_host* host, ThreadPool& pool) : host_(host), pool_(pool) {}

  // A submission that is not valid changes nothing. One that fails later poisons its signals; the
  // status is then also returned, so that the host has the reason at hand.
  tn_status submit(const tn_submit* submit) override;

 private:
  tn_status check(const tn_submit* submit) const;
  tn_status check_points(const tn_submit& submit) const;
  tn_status await(const tn_submit& submit) const;
  tn_status work(const tn_submit& submit);

  const tn_host* host_;
  ThreadPool& pool_;
};

}  // namespace tenon::cpu
