// One row per command: how large its struct is, and what makes work of it.
#include "commands.hpp"

#include <tenon/abi/sizes_1_0.h>

#include <array>
#include <cstring>
#include <tenon/sdk/plugin.hpp>

namespace foreign {

using tenon::sdk::fail;

namespace {

template <class C>
const C& as(const tn_cmd* cmd) {
  return *reinterpret_cast<const C*>(cmd);
}

struct Context {
  const tn_host* host;
  const Memory& memory;
};

tn_status check_range(const Context& on, tn_buffer* buffer, uint64_t offset, uint64_t size) {
  if (offset % 4 != 0 || size % 4 != 0 || size == 0)
    return fail(on.host, TN_ERR_INVALID, "offset and size must be multiples of 4, size not 0");
  if (buffer != nullptr && !block(buffer)->lies_in(on.memory))
    return fail(on.host, TN_ERR_INVALID, "a buffer of another device");
  if (buffer != nullptr && block(buffer)->holds(offset, size)) return TN_OK;
  return fail(on.host, TN_ERR_INVALID, "a command leaves its buffer");
}

tn_status prepare_copy(const Context& on, const tn_cmd* cmd, Work& out) {
  const tn_cmd_copy c = as<tn_cmd_copy>(cmd);
  const tn_status status = check_range(on, c.src, c.src_offset, c.size);
  if (status != TN_OK) return status;
  const uint64_t apart =
      c.src_offset > c.dst_offset ? c.src_offset - c.dst_offset : c.dst_offset - c.src_offset;
  if (c.src == c.dst && apart < c.size)
    return fail(on.host, TN_ERR_INVALID, "source and destination overlap");
  out = [c] {
    std::memcpy(block(c.dst)->at(c.dst_offset), block(c.src)->at(c.src_offset), c.size);
    return TN_OK;
  };
  return check_range(on, c.dst, c.dst_offset, c.size);
}

tn_status prepare_fill(const Context& on, const tn_cmd* cmd, Work& out) {
  const tn_cmd_fill c = as<tn_cmd_fill>(cmd);
  out = [c] {
    for (uint64_t i = 0; i < c.size; i += 4)
      std::memcpy(block(c.dst)->at(c.offset + i), &c.pattern, 4);
    return TN_OK;
  };
  return check_range(on, c.dst, c.offset, c.size);
}

tn_status prepare_write(const Context& on, const tn_cmd* cmd, Work& out) {
  const tn_cmd_write c = as<tn_cmd_write>(cmd);
  if (c.src == nullptr) return fail(on.host, TN_ERR_INVALID, "write: src is NULL");
  out = [c] {
    std::memcpy(block(c.dst)->at(c.offset), c.src, c.size);
    return TN_OK;
  };
  return check_range(on, c.dst, c.offset, c.size);
}

tn_status prepare_read(const Context& on, const tn_cmd* cmd, Work& out) {
  const tn_cmd_read c = as<tn_cmd_read>(cmd);
  if (c.dst == nullptr) return fail(on.host, TN_ERR_INVALID, "read: dst is NULL");
  out = [c] {
    std::memcpy(c.dst, block(c.src)->at(c.offset), c.size);
    return TN_OK;
  };
  return check_range(on, c.src, c.offset, c.size);
}

tn_status prepare_execute(const Context& on, const tn_cmd* cmd, Work& out) {
  const auto& c = as<tn_cmd_execute>(cmd);
  if (c.plan == nullptr) return fail(on.host, TN_ERR_INVALID, "execute: plan is NULL");
  auto step = std::make_shared<Step>();
  out = [step] { return step->run(), TN_OK; };
  return plan(c.plan)->bind(on.host, on.memory, c, *step);
}

tn_status check_cache(const Context& on, tn_kv* cache) {
  if (cache != nullptr && kv(cache)->lies_in(on.memory)) return TN_OK;
  return fail(on.host, TN_ERR_INVALID, "no cache, or one of another device");
}

tn_status prepare_kv_copy(const Context& on, const tn_cmd* cmd, Work& out) {
  const auto& c = as<tn_cmd_kv_copy>(cmd);
  if (const tn_status status = check_cache(on, c.kv); status != TN_OK) return status;
  const Kv& cache = *kv(c.kv);
  const std::vector<tn_kv_move> moves(c.moves, c.moves + c.n_moves);
  for (const tn_kv_move& move : moves)
    if (cache.check(move, c.group) != TN_OK)
      return fail(on.host, TN_ERR_INVALID, "a move leaves its pages");
  out = [&cache, moves, group = c.group] {
    for (const tn_kv_move& move : moves) cache.move(move, group);
    return TN_OK;
  };
  return TN_OK;
}

tn_status prepare_kv_rows(const Context& on, const tn_cmd* cmd, Work& out) {
  const auto& c = as<tn_cmd_kv_rows>(cmd);
  if (const tn_status status = check_cache(on, c.kv); status != TN_OK) return status;
  const Kv& cache = *kv(c.kv);
  std::vector<tn_kv_rows> all;
  for (uint32_t i = 0; i < c.n_rows; ++i) {
    all.push_back(tenon::sdk::take(&tenon::sdk::at(c.rows, c.stride, i)));
    if (tenon::sdk::must_decline(all.back().flags))
      return fail(on.host, TN_ERR_UNSUPPORTED, "unknown flags");
    if (cache.check(all.back()) != TN_OK)
      return fail(on.host, TN_ERR_INVALID, "no such rows, or no room for them");
  }
  out = [&cache, all, read = cmd->type == TN_CMD_KV_READ] {
    for (const tn_kv_rows& rows : all) cache.exchange(rows, read);
    return TN_OK;
  };
  return TN_OK;
}

struct Row {
  size_t size;
  tn_status (*prepare)(const Context&, const tn_cmd*, Work&);
};
// Row of TN_CMD_x: x - TN_CMD_COPY.
constexpr std::array<Row, 8> k_rows = {{{TN_SIZE_1_0_tn_cmd_copy, prepare_copy},
                                        {TN_SIZE_1_0_tn_cmd_fill, prepare_fill},
                                        {TN_SIZE_1_0_tn_cmd_write, prepare_write},
                                        {TN_SIZE_1_0_tn_cmd_read, prepare_read},
                                        {TN_SIZE_1_0_tn_cmd_execute, prepare_execute},
                                        {TN_SIZE_1_0_tn_cmd_kv_copy, prepare_kv_copy},
                                        {TN_SIZE_1_0_tn_cmd_kv_rows, prepare_kv_rows},
                                        {TN_SIZE_1_0_tn_cmd_kv_rows, prepare_kv_rows}}};

}  // namespace

tn_status prepare(const tn_host* host, const Memory& memory, const tn_cmd* cmd, Work& out) {
  const uint32_t row = cmd->type - TN_CMD_COPY;
  if (row >= k_rows.size()) return fail(host, TN_ERR_UNSUPPORTED, "unknown command");
  if (cmd->struct_size < k_rows[row].size)
    return fail(host, TN_ERR_INVALID, "a command is too short");
  return k_rows[row].prepare({host, memory}, cmd, out);
}

}  // namespace foreign
