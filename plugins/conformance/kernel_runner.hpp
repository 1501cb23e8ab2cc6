// KernelRunner: check, plan and run of one call, as a backend would, with guards around everything.
#pragma once

#include <string>

#include "call.hpp"

namespace tenon::conformance {

// How the items of a phase reach the workers. Any schedule must give the same bits.
enum class Schedule {
  whole,   // one worker, one range
  pieces,  // three workers, ranges of 1, 3, 5, 2 and 7 items, last range first
};

struct RunReport {
  bool declined = false;  // check() said no; nothing ran
  std::string fault;      // empty: the contract was kept

  bool ran() const { return !declined && fault.empty(); }
};

class KernelRunner {
 public:
  explicit KernelRunner(Call& call);
  RunReport run(Schedule schedule);

 private:
  tn_status check();
  std::string plan(tn_cpu_work& work);
  void run_phases(const tn_cpu_work& work, Schedule schedule);
  void run_pieces(uint32_t phase, uint64_t items);
  std::string faults_after() const;
  void* scratch_of(std::size_t worker) { return scratch_[worker].data(); }

  Call& call_;
  const tn_cpu_kernel& kernel_;
  std::vector<const tn_tensor*> tensors_;
  std::vector<void*> pointers_;
  std::vector<uint32_t> indices_;
  tn_node node_;
  tn_cpu_args args_;
  std::vector<GuardedBuffer> scratch_;  // one per worker
  std::optional<GuardedBuffer> shared_;
};

}  // namespace tenon::conformance
