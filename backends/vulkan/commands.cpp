// Ranges are checked before anything is recorded: what was accepted can only fail with the device.
#include "commands.hpp"

#include <tenon/abi/sizes_1_0.h>

#include <array>
#include <tenon/sdk/device.hpp>

#include "kv.hpp"
#include "plan.hpp"

namespace tenon::vulkan {
namespace {

constexpr uint64_t k_staging_unit = 16;

template <class C>
const C& as(const tn_cmd* cmd) {
  return *reinterpret_cast<const C*>(cmd);
}

struct Checked {
  Gpu& gpu;
  const Memory& memory;
  Staging& needs;

  tn_status invalid(const char* why) const { return gpu.refuse(TN_ERR_INVALID, why); }
};

uint64_t staged(uint64_t bytes) {
  return (bytes + k_staging_unit - 1) / k_staging_unit * k_staging_unit;
}

tn_status check_range(const Checked& on, tn_buffer* buffer, uint64_t offset, uint64_t size) {
  if (offset % 4 != 0 || size % 4 != 0 || size == 0)
    return on.invalid("offset and size must be multiples of 4, size not 0");
  if (buffer != nullptr && !range(buffer)->lies_in(on.memory))
    return on.invalid("a buffer of another device");
  if (buffer != nullptr && range(buffer)->holds(offset, size)) return TN_OK;
  return on.invalid("a command leaves its buffer");
}

Recorder::Place place(tn_buffer* buffer, uint64_t offset, uint64_t size) {
  return {range(buffer)->buffer(), range(buffer)->offset() + offset, size};
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
tn_status copy(Gpu&, const tn_cmd* cmd, Recorder& r) {
  const auto& c = as<tn_cmd_copy>(cmd);
  r.copy(place(c.src, c.src_offset, c.size), place(c.dst, c.dst_offset, c.size));
  return TN_OK;
}

tn_status check_fill(const Checked& on, const tn_cmd* cmd) {
  const auto& c = as<tn_cmd_fill>(cmd);
  return check_range(on, c.dst, c.offset, c.size);
}
tn_status fill(Gpu&, const tn_cmd* cmd, Recorder& r) {
  const auto& c = as<tn_cmd_fill>(cmd);
  r.fill(place(c.dst, c.offset, c.size), c.pattern);
  return TN_OK;
}

tn_status check_write(const Checked& on, const tn_cmd* cmd) {
  const auto& c = as<tn_cmd_write>(cmd);
  if (c.src == nullptr) return on.invalid("write: src is NULL");
  on.needs.up += staged(c.size);
  return check_range(on, c.dst, c.offset, c.size);
}
tn_status write(Gpu&, const tn_cmd* cmd, Recorder& r) {
  const auto& c = as<tn_cmd_write>(cmd);
  r.write(c.src, place(c.dst, c.offset, c.size));
  return TN_OK;
}

tn_status check_read(const Checked& on, const tn_cmd* cmd) {
  const auto& c = as<tn_cmd_read>(cmd);
  if (c.dst == nullptr) return on.invalid("read: dst is NULL");
  on.needs.down += staged(c.size);
  return check_range(on, c.src, c.offset, c.size);
}
tn_status read(Gpu&, const tn_cmd* cmd, Recorder& r) {
  const auto& c = as<tn_cmd_read>(cmd);
  r.read(place(c.src, c.offset, c.size), c.dst);
  return TN_OK;
}

tn_status check_execute(const Checked& on, const tn_cmd* cmd) {
  const auto& c = as<tn_cmd_execute>(cmd);
  if (c.plan == nullptr) return on.invalid("execute: plan is NULL");
  const Plan& executed = *plan(c.plan);
  on.needs.up += staged(executed.step_bytes());
  if (c.node_ns != nullptr) on.needs.down += staged(executed.times_bytes());
  return executed.check(on.memory, c);
}
tn_status execute(Gpu&, const tn_cmd* cmd, Recorder& r) {
  const auto& c = as<tn_cmd_execute>(cmd);
  return plan(c.plan)->execute(c, r);
}

tn_status check_cache(const Checked& on, tn_kv* cache) {
  if (cache != nullptr && kv(cache)->lies_in(on.memory)) return TN_OK;
  return on.invalid("no cache, or one of another device");
}

tn_status check_kv_copy(const Checked& on, const tn_cmd* cmd) {
  const auto& c = as<tn_cmd_kv_copy>(cmd);
  if (const tn_status status = check_cache(on, c.kv); status != TN_OK) return status;
  for (uint32_t i = 0; i < c.n_moves; ++i)
    if (kv(c.kv)->check(c.moves[i], c.group, on.needs.down) != TN_OK)
      return on.invalid("a move leaves its pages");
  return TN_OK;
}
tn_status kv_copy(Gpu&, const tn_cmd* cmd, Recorder& r) {
  const auto& c = as<tn_cmd_kv_copy>(cmd);
  for (uint32_t i = 0; i < c.n_moves; ++i) kv(c.kv)->move(c.moves[i], c.group, r);
  return TN_OK;
}

tn_status check_kv_rows(const Checked& on, const tn_cmd* cmd) {
  const auto& c = as<tn_cmd_kv_rows>(cmd);
  if (const tn_status status = check_cache(on, c.kv); status != TN_OK) return status;
  uint64_t& staging = cmd->type == TN_CMD_KV_READ ? on.needs.down : on.needs.up;
  for (uint32_t i = 0; i < c.n_rows; ++i) {
    const tn_kv_rows rows = sdk::take(&sdk::at(c.rows, c.stride, i));
    if (sdk::must_decline(rows.flags)) return on.gpu.refuse(TN_ERR_UNSUPPORTED, "unknown flags");
    if (kv(c.kv)->check(rows, staging) != TN_OK)
      return on.invalid("no such rows, or no room for them");
  }
  return TN_OK;
}
tn_status kv_rows(Gpu&, const tn_cmd* cmd, Recorder& r) {
  const auto& c = as<tn_cmd_kv_rows>(cmd);
  for (uint32_t i = 0; i < c.n_rows; ++i) {
    const tn_kv_rows rows = sdk::take(&sdk::at(c.rows, c.stride, i));
    cmd->type == TN_CMD_KV_READ ? kv(c.kv)->read(rows, r) : kv(c.kv)->write(rows, r);
  }
  return TN_OK;
}

struct Row {
  size_t size;
  tn_status (*check)(const Checked&, const tn_cmd*);
  tn_status (*record)(Gpu&, const tn_cmd*, Recorder&);
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

tn_status check_command(Gpu& gpu, const Memory& memory, const tn_cmd* cmd, Staging& needs) {
  const uint32_t row = cmd->type - TN_CMD_COPY;
  if (row >= k_rows.size()) return gpu.refuse(TN_ERR_UNSUPPORTED, "unknown command");
  if (cmd->struct_size < k_rows[row].size)
    return gpu.refuse(TN_ERR_INVALID, "a command is too short");
  return k_rows[row].check({gpu, memory, needs}, cmd);
}

tn_status record_command(Gpu& gpu, const tn_cmd* cmd, Recorder& recorder) {
  return k_rows[cmd->type - TN_CMD_COPY].record(gpu, cmd, recorder);
}

}  // namespace tenon::vulkan
