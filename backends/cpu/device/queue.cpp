// The commands, one table row each: its size, its check and its work.
#include "backends/cpu/device/queue.hpp"

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstring>
#include <tenon/sdk/device.hpp>

#include "backends/cpu/device/error.hpp"
#include "backends/cpu/device/memory.hpp"
#include "backends/cpu/device/plan.hpp"
#include "backends/cpu/device/timeline.hpp"

namespace tenon::cpu {

namespace {

constexpr uint64_t k_cancel_poll_ns = 5'000'000;

struct Context {
  const tn_host* host;
  ThreadPool& pool;
  const uint32_t* cancel;
  Reason& why;
};

template <class C>
const C& as(const tn_cmd* cmd) {
  return *reinterpret_cast<const C*>(cmd);
}

tn_status check_range(const tn_host* host, const char* name, tn_buffer* of, uint64_t offset,
                      uint64_t size) {
  if (of == nullptr) return refuse(host, TN_ERR_INVALID, "%s: buffer is NULL", name);
  if (offset % 4 != 0 || size % 4 != 0 || size == 0) {
    return refuse(host, TN_ERR_INVALID, "%s: offset and size must be multiples of 4, size not 0",
                  name);
  }
  if (buffer(of)->holds(offset, size)) return TN_OK;
  return refuse(host, TN_ERR_INVALID,
                "%s: %" PRIu64 " bytes at %" PRIu64 " of a buffer of %" PRIu64, name, size, offset,
                buffer(of)->size);
}

tn_status check_copy(const Context& c, const tn_cmd* cmd) {
  const auto& copy = as<tn_cmd_copy>(cmd);
  tn_status status = check_range(c.host, "copy", copy.src, copy.src_offset, copy.size);
  if (status == TN_OK) {
    status = check_range(c.host, "copy", copy.dst, copy.dst_offset, copy.size);
  }
  if (status != TN_OK) return status;
  const std::byte* from = buffer(copy.src)->data + copy.src_offset;
  const std::byte* to = buffer(copy.dst)->data + copy.dst_offset;
  const bool apart = from + copy.size <= to || to + copy.size <= from;
  return apart ? TN_OK : refuse(c.host, TN_ERR_INVALID, "copy: source and destination overlap");
}
tn_status run_copy(const Context&, const tn_cmd* cmd) {
  const auto& copy = as<tn_cmd_copy>(cmd);
  std::memcpy(buffer(copy.dst)->data + copy.dst_offset, buffer(copy.src)->data + copy.src_offset,
              copy.size);
  return TN_OK;
}

tn_status check_fill(const Context& c, const tn_cmd* cmd) {
  const auto& fill = as<tn_cmd_fill>(cmd);
  return check_range(c.host, "fill", fill.dst, fill.offset, fill.size);
}
tn_status run_fill(const Context&, const tn_cmd* cmd) {
  const auto& fill = as<tn_cmd_fill>(cmd);
  std::byte* at = buffer(fill.dst)->data + fill.offset;
  for (uint64_t i = 0; i < fill.size; i += 4) std::memcpy(at + i, &fill.pattern, 4);
  return TN_OK;
}

tn_status check_write(const Context& c, const tn_cmd* cmd) {
  const auto& write = as<tn_cmd_write>(cmd);
  if (write.src == nullptr) return refuse(c.host, TN_ERR_INVALID, "write: src is NULL");
  return check_range(c.host, "write", write.dst, write.offset, write.size);
}
tn_status run_write(const Context&, const tn_cmd* cmd) {
  const auto& write = as<tn_cmd_write>(cmd);
  std::memmove(buffer(write.dst)->data + write.offset, write.src, write.size);
  return TN_OK;
}

tn_status check_read(const Context& c, const tn_cmd* cmd) {
  const auto& read = as<tn_cmd_read>(cmd);
  if (read.dst == nullptr) return refuse(c.host, TN_ERR_INVALID, "read: dst is NULL");
  return check_range(c.host, "read", read.src, read.offset, read.size);
}
tn_status run_read(const Context&, const tn_cmd* cmd) {
  const auto& read = as<tn_cmd_read>(cmd);
  std::memmove(read.dst, buffer(read.src)->data + read.offset, read.size);
  return TN_OK;
}

tn_status check_execute(const Context& c, const tn_cmd* cmd) {
  const auto& execute = as<tn_cmd_execute>(cmd);
  if (execute.plan == nullptr) return refuse(c.host, TN_ERR_INVALID, "execute: plan is NULL");
  return plan(execute.plan)->check(c.host, execute);
}
tn_status run_execute(const Context& c, const tn_cmd* cmd) {
  const auto& execute = as<tn_cmd_execute>(cmd);
  return plan(execute.plan)->execute(c.pool, execute, c.cancel, c.why);
}

tn_status check_kv_copy(const Context& c, const tn_cmd* cmd) {
  const auto& copy = as<tn_cmd_kv_copy>(cmd);
  if (copy.kv == nullptr) return refuse(c.host, TN_ERR_INVALID, "kv_copy: kv is NULL");
  return kv_cache(copy.kv)->check_moves(c.host, copy);
}
tn_status run_kv_copy(const Context&, const tn_cmd* cmd) {
  const auto& copy = as<tn_cmd_kv_copy>(cmd);
  kv_cache(copy.kv)->move_rows(copy);
  return TN_OK;
}

tn_status check_kv_rows(const Context& c, const tn_cmd* cmd) {
  const auto& rows = as<tn_cmd_kv_rows>(cmd);
  if (rows.kv == nullptr || (rows.n_rows != 0 && rows.rows == nullptr)) {
    return refuse(c.host, TN_ERR_INVALID, "kv_read, kv_write: kv or rows are NULL");
  }
  return kv_cache(rows.kv)->check_rows(c.host, rows);
}
tn_status run_kv_read(const Context&, const tn_cmd* cmd) {
  kv_cache(as<tn_cmd_kv_rows>(cmd).kv)->read_rows(as<tn_cmd_kv_rows>(cmd));
  return TN_OK;
}
tn_status run_kv_write(const Context&, const tn_cmd* cmd) {
  kv_cache(as<tn_cmd_kv_rows>(cmd).kv)->write_rows(as<tn_cmd_kv_rows>(cmd));
  return TN_OK;
}

struct Command {
  size_t size;
  tn_status (*check)(const Context&, const tn_cmd*);
  tn_status (*run)(const Context&, const tn_cmd*);
};
// Row of TN_CMD_x: x - TN_CMD_COPY.
constexpr std::array<Command, 8> k_commands = {
    {{TN_SIZE_1_0_tn_cmd_copy, check_copy, run_copy},
     {TN_SIZE_1_0_tn_cmd_fill, check_fill, run_fill},
     {TN_SIZE_1_0_tn_cmd_write, check_write, run_write},
     {TN_SIZE_1_0_tn_cmd_read, check_read, run_read},
     {TN_SIZE_1_0_tn_cmd_execute, check_execute, run_execute},
     {TN_SIZE_1_0_tn_cmd_kv_copy, check_kv_copy, run_kv_copy},
     {TN_SIZE_1_0_tn_cmd_kv_rows, check_kv_rows, run_kv_read},
     {TN_SIZE_1_0_tn_cmd_kv_rows, check_kv_rows, run_kv_write}}};

tn_status check_command(const Context& c, const tn_cmd* cmd) {
  if (cmd == nullptr) return refuse(c.host, TN_ERR_INVALID, "submit: a command is NULL");
  const uint32_t row = cmd->type - TN_CMD_COPY;
  if (row >= k_commands.size()) {
    return refuse(c.host, TN_ERR_UNSUPPORTED, "submit: unknown command %u", cmd->type);
  }
  if (cmd->struct_size < k_commands[row].size) {
    return refuse(c.host, TN_ERR_INVALID, "submit: command %u is too short", cmd->type);
  }
  return k_commands[row].check(c, cmd);
}

}  // namespace

tn_status Queue::check_points(const tn_submit& submit) const {
  for (uint32_t i = 0; i < submit.n_waits; ++i) {
    if (submit.waits[i].timeline == nullptr) {
      return refuse(host_, TN_ERR_INVALID, "submit: wait %u has no timeline", i);
    }
  }
  for (uint32_t i = 0; i < submit.n_signals; ++i) {
    const tn_point& point = submit.signals[i];
    uint64_t now = 0;
    if (point.timeline == nullptr) {
      return refuse(host_, TN_ERR_INVALID, "submit: signal %u has no timeline", i);
    }
    if (timeline(point.timeline)->query(&now) == TN_OK && point.value <= now) {
      return refuse(host_, TN_ERR_INVALID,
                    "submit: signal %u to %" PRIu64 ", but the timeline is at %" PRIu64, i,
                    point.value, now);
    }
  }
  return TN_OK;
}

tn_status Queue::check(const tn_submit* submit) const {
  if (submit == nullptr || submit->struct_size < TN_SIZE_1_0_tn_submit ||
      (submit->n_waits != 0 && submit->waits == nullptr) ||
      (submit->n_signals != 0 && submit->signals == nullptr) ||
      (submit->n_cmds != 0 && submit->cmds == nullptr)) {
    return refuse(host_, TN_ERR_INVALID, "submit: arguments missing or too short");
  }
  if (sdk::must_decline(submit->flags)) {
    return refuse(host_, TN_ERR_UNSUPPORTED, "submit: unknown flags %#x", submit->flags);
  }
  if (const tn_status status = check_points(*submit); status != TN_OK) return status;
  Reason none;
  const Context context{host_, pool_, submit->cancel, none};
  for (uint32_t i = 0; i < submit->n_cmds; ++i) {
    const tn_status status = check_command(context, submit->cmds[i]);
    if (status != TN_OK) return status;
  }
  return TN_OK;
}

tn_status Queue::await(const tn_submit& submit, Reason& why) const {
  for (uint32_t i = 0; i < submit.n_waits; ++i) {
    const tn_point& point = submit.waits[i];
    tn_status status = TN_ERR_TIMEOUT;
    while (status == TN_ERR_TIMEOUT) {
      if (sdk::raised(submit.cancel)) return TN_ERR_CANCELLED;
      status = timeline(point.timeline)
                   ->wait(point.value, submit.cancel != nullptr ? k_cancel_poll_ns : UINT64_MAX);
    }
    if (status != TN_OK) {
      return why.set(status, "a timeline it waits for failed: %s", timeline(point.timeline)->why());
    }
  }
  return TN_OK;
}

tn_status Queue::work(const tn_submit& submit, Reason& why) {
  if (const tn_status status = await(submit, why); status != TN_OK) return status;
  const Context context{host_, pool_, submit.cancel, why};
  for (uint32_t i = 0; i < submit.n_cmds; ++i) {
    if (sdk::raised(submit.cancel)) return TN_ERR_CANCELLED;
    const tn_status status =
        k_commands[submit.cmds[i]->type - TN_CMD_COPY].run(context, submit.cmds[i]);
    if (status != TN_OK) return status;
  }
  return TN_OK;
}

tn_status Queue::submit(const tn_submit* submit) {
  if (const tn_status status = check(submit); status != TN_OK) return status;
  Reason why;
  const tn_status status = work(*submit, why);
  const bool failed = status != TN_OK && status != TN_ERR_CANCELLED;
  if (submit->result != nullptr) *submit->result = status;
  for (uint32_t i = 0; i < submit->n_signals; ++i) {
    Timeline& signalled = *timeline(submit->signals[i].timeline);
    failed ? signalled.poison(status, why.text)
           : static_cast<void>(signalled.signal(submit->signals[i].value));
  }
  return TN_OK;
}

}  // namespace tenon::cpu
