// Weights: borrowed from the file's mapping, copied, or packed into a kernel's layout on the pool.
#pragma once

#include <tenon/abi/device.h>
#include <tenon/abi/sizes_1_0.h>

#include <tenon/sdk/structs.hpp>

#include "backends/cpu/device/memory.hpp"
#include "backends/cpu/device/thread_pool.hpp"

namespace tenon::cpu {

struct Weight {
  const void* data = nullptr;  // the file's bytes, or the region's
  Region region;
};

inline tn_weight* handle(Weight* weight) { return reinterpret_cast<tn_weight*>(weight); }
inline Weight* weight(tn_weight* handle) { return reinterpret_cast<Weight*>(handle); }

class WeightStore {
 public:
  WeightStore(const tn_host* host, ThreadPool& pool) : host_(host), pool_(pool) {}

  tn_status put(const tn_weight_desc* desc, Weight** out);
  // What was done since the last report.
  void report(tn_weight_report* inout);

 private:
  tn_status check(const tn_weight_desc* desc) const;
  tn_status store(const tn_weight_desc& desc, Weight& weight);
  tn_status copy(const tn_weight_desc& desc, Weight& weight);
  tn_status pack(const tn_weight_desc& desc, Weight& weight);

  const tn_host* host_;
  ThreadPool& pool_;
  tn_weight_report done_ = {};
};

}  // namespace tenon::cpu
