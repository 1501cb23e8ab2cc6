// Runs phases over ranges of items and looks for writes where there should be none.
#include "kernel_runner.hpp"

#include <algorithm>
#include <utility>

namespace tenon::conformance {
namespace {

constexpr std::size_t k_workers = 3;
constexpr uint64_t k_piece_sizes[] = {1, 3, 5, 2, 7};

std::vector<std::pair<uint64_t, uint64_t>> pieces_of(uint64_t items) {
  std::vector<std::pair<uint64_t, uint64_t>> pieces;
  for (uint64_t first = 0; first < items;) {
    const uint64_t size = k_piece_sizes[pieces.size() % std::size(k_piece_sizes)];
    const uint64_t last = std::min(items, first + size);
    pieces.emplace_back(first, last);
    first = last;
  }
  return pieces;
}

bool same_work(const tn_cpu_work& a, const tn_cpu_work& b) {
  return a.n_phases == b.n_phases && std::equal(a.items, a.items + TN_CPU_MAX_PHASES, b.items) &&
         a.shared_scratch == b.shared_scratch && a.worker_scratch == b.worker_scratch;
}

}  // namespace

KernelRunner::KernelRunner(Call& call)
    : call_(call), kernel_(*static_cast<const tn_cpu_kernel*>(call.case_.kernel->impl)) {
  for (Call::Operand& operand : call.operands_) {
    const bool absent = !operand.tensor.has_value();
    indices_.push_back(absent ? TN_NONE : static_cast<uint32_t>(tensors_.size()));
    tensors_.push_back(absent ? nullptr : &*operand.tensor);
    pointers_.push_back(operand.cache    ? static_cast<void*>(&operand.cache->kv)
                        : operand.buffer ? static_cast<void*>(operand.buffer->data())
                                         : nullptr);
  }
  const tn_kernel_desc* desc = call.case_.kernel;
  const tn_id op = call.case_.pack->host->intern(TN_KIND_OP, desc->op);
  const void* params = call.params_.empty() ? nullptr : call.params_.data();
  node_ = {sizeof(tn_node),
           TN_NONE,
           op,
           call.n_in_,
           indices_.data(),
           indices_.data() + call.n_in_,
           call.n_out_,
           0,
           call.features_,
           params,
           desc,
           "conformance"};
  args_ = {sizeof(tn_cpu_args),
           call.n_in_,
           &node_,
           tensors_.data(),
           pointers_.data(),
           call.syms_.data(),
           nullptr,
           call.n_out_,
           static_cast<uint32_t>(call.syms_.size())};
}

tn_status KernelRunner::check() {
  if (kernel_.check == nullptr) return TN_OK;
  const tn_node_query query = {sizeof(tn_node_query),
                               call_.n_in_,
                               call_.case_.pack->host->table(),
                               &node_,
                               tensors_.data(),
                               call_.n_out_,
                               0};
  return kernel_.check(&query);
}

std::string KernelRunner::plan(tn_cpu_work& work) {
  tn_cpu_work again = {};
  work = {};
  work.struct_size = again.struct_size = sizeof(tn_cpu_work);
  if (kernel_.plan(&args_, &work) != TN_OK) return "plan failed; ";
  if (kernel_.plan(&args_, &again) != TN_OK || !same_work(work, again)) {
    return "plan answers the same extents differently; ";
  }
  return work.n_phases > TN_CPU_MAX_PHASES ? "too many phases; " : "";
}

RunReport KernelRunner::run(Schedule schedule) {
  if (!call_.setup_fault().empty()) return {false, call_.setup_fault()};
  if (const tn_status status = check(); status != TN_OK) {
    return {status == TN_ERR_UNSUPPORTED, status == TN_ERR_UNSUPPORTED ? "" : "check failed; "};
  }
  tn_cpu_work work;
  if (const std::string fault = plan(work); !fault.empty()) return {false, fault};
  for (Call::Operand& operand : call_.operands_) {
    if (operand.buffer && operand.before.empty()) operand.buffer->fill();
  }
  shared_.emplace(work.shared_scratch);
  scratch_.clear();
  for (std::size_t i = 0; i < k_workers; ++i) scratch_.emplace_back(work.worker_scratch);
  args_.shared = shared_->data();
  run_phases(work, schedule);
  args_.shared = nullptr;
  return {false, faults_after()};
}

void KernelRunner::run_phases(const tn_cpu_work& work, Schedule schedule) {
  const std::size_t workers = schedule == Schedule::whole ? 1 : k_workers;
  for (uint32_t phase = 0; phase < work.n_phases; ++phase) {
    const uint64_t items = work.items[phase];
    if (items == 0) continue;
    if ((work.flags[phase] & TN_CPU_PHASE_REDUNDANT) != 0) {
      for (std::size_t w = 0; w < workers; ++w) {
        kernel_.run(&args_, phase, 0, items, scratch_of(w));
      }
    } else if (schedule == Schedule::whole) {
      kernel_.run(&args_, phase, 0, items, scratch_of(0));
    } else {
      run_pieces(phase, items);
    }
  }
}

void KernelRunner::run_pieces(uint32_t phase, uint64_t items) {
  const auto pieces = pieces_of(items);
  for (std::size_t i = pieces.size(); i-- > 0;) {
    kernel_.run(&args_, phase, pieces[i].first, pieces[i].second, scratch_of(i % k_workers));
  }
}

std::string KernelRunner::faults_after() const {
  std::string fault;
  for (std::size_t i = 0; i < call_.operands_.size(); ++i) {
    const Call::Operand& operand = call_.operands_[i];
    const std::string name = "operand " + std::to_string(i);
    if (operand.buffer && !operand.buffer->intact()) fault += name + ": written outside; ";
    const auto& before = operand.before;
    if (!before.empty() && !std::equal(before.begin(), before.end(), operand.buffer->data())) {
      fault += name + ": an input was changed; ";
    }
    if (operand.cache && !(operand.cache->keys.intact() && operand.cache->values.intact())) {
      fault += name + ": written outside of the cache; ";
    }
  }
  if (!shared_->intact()) fault += "shared scratch: written outside; ";
  for (const GuardedBuffer& scratch : scratch_) {
    if (!scratch.intact()) fault += "worker scratch: written outside; ";
  }
  return fault;
}

}  // namespace tenon::conformance
