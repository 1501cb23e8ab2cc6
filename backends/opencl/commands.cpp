// Ranges are checked before anything is enqueued: what was accepted can only fail with the device.
// Drivers read what is written from the host's memory, and write what is read to it, until the signal.
#include "commands.hpp"

#include <tenon/abi/sizes_1_0.h>

#include <array>
#include <tenon/sdk/device.hpp>

#include "kv.hpp"
#include "plan.hpp"

namespace tenon::opencl {
namespace {

template <class C>
const C& as(const tn_cmd* cmd) {
  return *reinterpret_cast<const C*>(cmd);
}

struct Checked {
  Gpu& gpu;
  const Memory& memory;

  tn_status invalid(const char* why) const { return gpu.refuse(TN_ERR_INVALID, why); }
};

tn_status check_range(const Checked& on, tn_buffer* buffer, uint64_t offset, uint64_t size) {
  if (offset % 4 != 0 || size % 4 != 0 || size == 0)
    return on.invalid("offset and size must be multiples of 4, size not 0");
  if (buffer != nullptr && !block(buffer)->lies_in(on.memory))
    return on.invalid("a buffer of another device");
  if (buffer != nullptr && block(buffer)->holds(offset, size)) return TN_OK;
  return on.invalid("a command leaves its buffer");
}

tn_status check_copy(const Checked& on, const tn_cmd* cmd) {
  const auto& c = as<tn_cmd_copy>(cmd);
  const tn_status status = check_range(on, c.src, c.src_offset, c.size);
  if (status != TN_OK) return status;
  const uint64_t apart =
      c.src_offset > c.dst_offset ? c.src_offset - c.dst_offset : c.dst_offset - c.src_offset;
  if (c.src == c.dst && apart < c.size) return on.invalid("source and destination overlap");
  return check_range(on, c.dst, c.dst_offset, c.size);
}
tn_status copy(Gpu& gpu, const tn_cmd* cmd, Job&) {
  const auto& c = as<tn_cmd_copy>(cmd);
  return gpu.check(
      gpu.api().EnqueueCopyBuffer(gpu.queue(), block(c.src)->buffer(), block(c.dst)->buffer(),
                                  c.src_offset, c.dst_offset, c.size, 0, nullptr, nullptr),
      "copy");
}

tn_status check_fill(const Checked& on, const tn_cmd* cmd) {
  const auto& c = as<tn_cmd_fill>(cmd);
  return check_range(on, c.dst, c.offset, c.size);
}
tn_status fill(Gpu& gpu, const tn_cmd* cmd, Job&) {
  const auto& c = as<tn_cmd_fill>(cmd);
  return gpu.check(
      gpu.api().EnqueueFillBuffer(gpu.queue(), block(c.dst)->buffer(), &c.pattern, sizeof c.pattern,
                                  c.offset, c.size, 0, nullptr, nullptr),
      "fill");
}

tn_status check_write(const Checked& on, const tn_cmd* cmd) {
  const auto& c = as<tn_cmd_write>(cmd);
  if (c.src == nullptr) return on.invalid("write: src is NULL");
  return check_range(on, c.dst, c.offset, c.size);
}
tn_status write(Gpu& gpu, const tn_cmd* cmd, Job&) {
  const auto& c = as<tn_cmd_write>(cmd);
  return gpu.check(gpu.api().EnqueueWriteBuffer(gpu.queue(), block(c.dst)->buffer(), CL_FALSE,
                                                c.offset, c.size, c.src, 0, nullptr, nullptr),
                   "write");
}

tn_status check_read(const Checked& on, const tn_cmd* cmd) {
  const auto& c = as<tn_cmd_read>(cmd);
  if (c.dst == nullptr) return on.invalid("read: dst is NULL");
  return check_range(on, c.src, c.offset, c.size);
}
tn_status read(Gpu& gpu, const tn_cmd* cmd, Job& job) {
  const auto& c = as<tn_cmd_read>(cmd);
  std::byte* pinned = gpu.physical().is_cpu ? nullptr : job.add_read(c.dst, c.size);
  void* to = pinned != nullptr ? pinned : c.dst;
  return gpu.check(gpu.api().EnqueueReadBuffer(gpu.queue(), block(c.src)->buffer(), CL_FALSE,
                                               c.offset, c.size, to, 0, nullptr, nullptr),
                   "read");
}

tn_status check_execute(const Checked& on, const tn_cmd* cmd) {
  const auto& c = as<tn_cmd_execute>(cmd);
  if (c.plan == nullptr) return on.invalid("execute: plan is NULL");
  return plan(c.plan)->check(on.memory, c);
}
tn_status execute(Gpu&, const tn_cmd* cmd, Job& job) {
  const auto& c = as<tn_cmd_execute>(cmd);
  return plan(c.plan)->execute(c, job);
}

tn_status check_cache(const Checked& on, tn_kv* cache) {
  if (cache != nullptr && kv(cache)->lies_in(on.memory)) return TN_OK;
  return on.invalid("no cache, or one of another device");
}

tn_status check_kv_copy(const Checked& on, const tn_cmd* cmd) {
  const auto& c = as<tn_cmd_kv_copy>(cmd);
  if (const tn_status status = check_cache(on, c.kv); status != TN_OK) return status;
  for (uint32_t i = 0; i < c.n_moves; ++i)
    if (kv(c.kv)->check(c.moves[i], c.group) != TN_OK) return on.invalid("a move leaves its pages");
  return TN_OK;
}
tn_status kv_copy(Gpu& gpu, const tn_cmd* cmd, Job&) {
  const auto& c = as<tn_cmd_kv_copy>(cmd);
  cl_int result = CL_SUCCESS;
  for (uint32_t i = 0; i < c.n_moves && result == CL_SUCCESS; ++i)
    result = kv(c.kv)->move(gpu, c.moves[i], c.group);
  return gpu.check(result, "moving rows of a cache");
}

tn_status check_kv_rows(const Checked& on, const tn_cmd* cmd) {
  const auto& c = as<tn_cmd_kv_rows>(cmd);
  if (const tn_status status = check_cache(on, c.kv); status != TN_OK) return status;
  for (uint32_t i = 0; i < c.n_rows; ++i) {
    const tn_kv_rows rows = sdk::take(&sdk::at(c.rows, c.stride, i));
    if (sdk::must_decline(rows.flags)) return on.gpu.refuse(TN_ERR_UNSUPPORTED, "unknown flags");
    if (kv(c.kv)->check(rows) != TN_OK) return on.invalid("no such rows, or no room for them");
  }
  return TN_OK;
}
tn_status kv_rows(Gpu& gpu, const tn_cmd* cmd, Job&) {
  const auto& c = as<tn_cmd_kv_rows>(cmd);
  cl_int result = CL_SUCCESS;
  for (uint32_t i = 0; i < c.n_rows && result == CL_SUCCESS; ++i) {
    const tn_kv_rows rows = sdk::take(&sdk::at(c.rows, c.stride, i));
    const Kv& cache = *kv(c.kv);
    result = cmd->type == TN_CMD_KV_READ ? cache.read(gpu, rows) : cache.write(gpu, rows);
  }
  return gpu.check(result, "rows of a cache");
}

struct Row {
  size_t size;
  tn_status (*check)(const Checked&, const tn_cmd*);
  tn_status (*enqueue)(Gpu&, const tn_cmd*, Job&);
};
// Row of TN_CMD_x: x - TN_CMD_COPY.
constexpr std::array<Row, 8> k_rows = {{
    {TN_SIZE_1_0_tn_cmd_copy, check_copy, copy},
    {TN_SIZE_1_0_tn_cmd_fill, check_fill, fill},
    {TN_SIZE_1_0_tn_cmd_write, check_write, write},
    {TN_SIZE_1_0_tn_cmd_read, check_read, read},
    {TN_SIZE_1_0_tn_cmd_execute, check_execute, execute},
    {TN_SIZE_1_0_tn_cmd_kv_copy, check_kv_copy, kv_copy},
    {TN_SIZE_1_0_tn_cmd_kv_rows, check_kv_rows, kv_rows},
    {TN_SIZE_1_0_tn_cmd_kv_rows, check_kv_rows, kv_rows},
}};

}  // namespace

tn_status check_command(Gpu& gpu, const Memory& memory, const tn_cmd* cmd) {
  const uint32_t row = cmd->type - TN_CMD_COPY;
  if (row >= k_rows.size()) return gpu.refuse(TN_ERR_UNSUPPORTED, "unknown command");
  if (cmd->struct_size < k_rows[row].size)
    return gpu.refuse(TN_ERR_INVALID, "a command is too short");
  return k_rows[row].check({gpu, memory}, cmd);
}

tn_status enqueue_command(Gpu& gpu, const tn_cmd* cmd, Job& job) {
  return k_rows[cmd->type - TN_CMD_COPY].enqueue(gpu, cmd, job);
}

}  // namespace tenon::opencl
