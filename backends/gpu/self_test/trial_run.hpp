// Trials as one plan on a device: a host in short.
#pragma once

#include <deque>
#include <span>
#include <tenon/sdk/device.hpp>

#include "trial.hpp"

namespace tenon::gpu {

class TrialRun {
 public:
  // The trials outlive it.
  TrialRun(const tn_host* host, sdk::Device& device, std::span<const Trial> trials)
      : host_(host), device_(device), trials_(trials) {}
  ~TrialRun();
  TrialRun(const TrialRun&) = delete;
  TrialRun& operator=(const TrialRun&) = delete;

  // Makes weights, caches, memory and the plan; what the device answers.
  tn_status prepare();
  // The operands of each trial after it has run.
  tn_status execute(std::vector<std::vector<std::vector<std::byte>>>& results);

 private:
  void add(const Trial& trial);
  tn_tensor describe(const Trial::Operand& operand) const;
  tn_status put(const Trial::Operand& operand, tn_tensor& tensor);
  void place(const Trial::Operand& operand, tn_tensor& tensor);
  tn_status make_cache();
  tn_status compile();

  const tn_host* host_;
  sdk::Device& device_;
  std::span<const Trial> trials_;
  std::vector<tn_tensor> tensors_;
  std::vector<tn_node> nodes_;
  std::deque<std::vector<uint32_t>> indices_;  // of the nodes
  std::vector<tn_state_desc> states_;
  std::vector<tn_weight*> weights_;
  std::vector<uint32_t> live_;
  std::vector<std::byte> before_, after_;  // content of the buffer
  tn_kv* kv_ = nullptr;
  tn_buffer* buffer_ = nullptr;
  tn_plan* plan_ = nullptr;
  tn_queue* queue_ = nullptr;
  tn_timeline* done_ = nullptr;
  uint64_t steps_ = 0;
};

}  // namespace tenon::gpu
