// Checks of EXECUTE: what the plan was compiled for, its weights, its memory and its scratch.
#include <algorithm>

#include "framework/validation/submission.hpp"

namespace tenon::validation {

void Submission::execute(Command& command, const std::string& what) {
  tn_cmd_execute& c = command.execute;
  const Handle* plan = call_.live(c.plan, Kind::plan);
  if (c.n_bindings > 0 && c.bindings == nullptr)
    return call_.host_error(what + ": bindings is NULL");
  if (plan != nullptr) check_execute(*plan, c, what);
  c.plan = inner<tn_plan>(plan);
  if (c.kv != nullptr) c.kv = inner<tn_kv>(call_.live(c.kv, Kind::kv));
  auto& bindings = bindings_.emplace_back();
  for (std::uint32_t i = 0; i < c.n_bindings; ++i) {
    const std::string which = what + ", binding " + std::to_string(i);
    const BindingNeeds none{};
    const bool known = plan != nullptr && i < plan->bindings.size();
    check_binding(known ? plan->bindings[i] : none, c.bindings[i], which);
    bindings.push_back(
        {inner<tn_buffer>(call_.layer().find(c.bindings[i].buffer)), c.bindings[i].offset});
  }
  c.bindings = bindings.data();
}

void Submission::check_execute(const Handle& plan, const tn_cmd_execute& c,
                               const std::string& what) {
  call_.require(!plan.sizes_only, what + ": " + plan.name() + " was made for its sizes only");
  call_.require(!plan.has_state || c.kv != nullptr, what + ": " + plan.name() + " needs a cache");
  call_.require(c.n_bindings >= plan.bindings.size(), what + ": " + std::to_string(c.n_bindings) +
                                                          " bindings, " + plan.name() + " has " +
                                                          std::to_string(plan.bindings.size()));
  for (const Handle* weight : plan.weights)
    call_.require(weight->committed, what + ": " + weight->name() + " of " + plan.name() +
                                         " was put, but not committed");
  check_extents(plan, c, what);
  if (call_.wrong()) return;
  call_.require(call_.layer().order.execute(moment_, plan),
                what + ": another execution of " + plan.name() +
                    " may be in flight: nothing puts the two in order");
}

void Submission::check_extents(const Handle& plan, const tn_cmd_execute& c,
                               const std::string& what) {
  if (c.n_syms < plan.max_syms.size() || c.syms == nullptr)
    return call_.host_error(what + ": " + std::to_string(c.n_syms) + " extents, " + plan.name() +
                            " was compiled for " + std::to_string(plan.max_syms.size()));
  for (std::size_t i = 1; i < plan.max_syms.size(); ++i)  // 0 is TN_SYM_STATIC
    call_.require(c.syms[i] >= 0 && c.syms[i] <= plan.max_syms[i],
                  what + ": extent " + std::to_string(i) + " is " + std::to_string(c.syms[i]) +
                      ", " + plan.name() + " was compiled for at most " +
                      std::to_string(plan.max_syms[i]));
}

void Submission::check_binding(const BindingNeeds& needs, const tn_binding& binding,
                               const std::string& what) {
  const Handle* buffer = call_.live(binding.buffer, Kind::buffer);
  if (buffer == nullptr) return;
  call_.range(*buffer, binding.offset, needs.size, what);
  const Limits limits = call_.layer().limits(buffer->heap);
  const std::string multiple = "no multiple of " + std::to_string(limits.alignment);
  call_.require(binding.offset % limits.alignment == 0, what + ": an offset that is " + multiple);
  call_.require(needs.offsets % limits.alignment == 0,
                what + ": a tensor of the plan has an offset that is " + multiple);
  call_.require(needs.largest <= limits.max_range,
                what + ": an operand of " + std::to_string(needs.largest) +
                    " bytes, the heap takes " + std::to_string(limits.max_range));
}

}  // namespace tenon::validation
