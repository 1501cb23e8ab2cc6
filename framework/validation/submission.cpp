// Checks of commands: struct sizes, handles, ranges, and what a plan was compiled for.
#include "framework/validation/submission.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "framework/validation/values.hpp"

namespace tenon::validation {

const std::array<Submission::Rule, 8> Submission::k_rules = {{
    {TN_CMD_COPY, TN_SIZE_1_0_tn_cmd_copy, &Submission::copy},
    {TN_CMD_FILL, TN_SIZE_1_0_tn_cmd_fill, &Submission::fill},
    {TN_CMD_WRITE, TN_SIZE_1_0_tn_cmd_write, &Submission::write},
    {TN_CMD_READ, TN_SIZE_1_0_tn_cmd_read, &Submission::read},
    {TN_CMD_EXECUTE, TN_SIZE_1_0_tn_cmd_execute, &Submission::execute},
    {TN_CMD_KV_COPY, TN_SIZE_1_0_tn_cmd_kv_copy, &Submission::kv_copy},
    {TN_CMD_KV_READ, TN_SIZE_1_0_tn_cmd_kv_rows, &Submission::kv_rows},
    {TN_CMD_KV_WRITE, TN_SIZE_1_0_tn_cmd_kv_rows, &Submission::kv_rows},
}};

Submission::Submission(Call& call, const Handle& queue, const tn_submit& submission)
    : call_(call), submission_(submission), moment_{&queue, 0, {}} {
  const tn_submit& s = submission;
  call.require(s.n_waits == 0 || s.waits != nullptr, "waits is NULL");
  call.require(s.n_signals == 0 || s.signals != nullptr, "signals is NULL");
  call.require(s.n_cmds == 0 || s.cmds != nullptr, "cmds is NULL");
  if (call.wrong()) return;
  add_waits(s);
  if (call.wrong()) return;
  moment_ = call.layer().order.next(queue, {s.waits, s.waits + s.n_waits});
  for (std::uint32_t i = 0; i < s.n_cmds; ++i)
    add_command(s.cmds[i], "command " + std::to_string(i));
  add_signals(s);
  submission_.waits = waits_.data();
  submission_.signals = signals_.data();
  submission_.cmds = heads_.data();
}

Submission::~Submission() {
  if (accepted_) return;
  for (const Signalled& s : signalled_) {
    std::uint64_t value = s.value;
    s.timeline->signal.compare_exchange_strong(value, s.before);
  }
  call_.layer().order.refuse(moment_);
}

void Submission::accept() {
  accepted_ = true;
  call_.layer().order.accept(moment_);
}

void Submission::add_waits(const tn_submit& s) {
  for (std::uint32_t i = 0; i < s.n_waits; ++i) {
    const Handle* timeline = call_.live(s.waits[i].timeline, Kind::timeline);
    if (timeline == nullptr) continue;
    call_.require(s.waits[i].value <= timeline->signal,
                  "a wait for " + std::to_string(s.waits[i].value) + " of " + timeline->name() +
                      ", but nothing that was accepted signals it");
    waits_.push_back({inner<tn_timeline>(timeline), s.waits[i].value});
  }
}

void Submission::add_signals(const tn_submit& s) {
  for (std::uint32_t i = 0; i < s.n_signals; ++i) {
    Handle* timeline = call_.live(s.signals[i].timeline, Kind::timeline);
    if (timeline == nullptr) continue;
    const std::uint64_t value = s.signals[i].value;
    check_rises(call_, *timeline, value);
    if (call_.wrong()) return;
    const std::uint64_t last = timeline->signal;
    signalled_.insert(signalled_.begin(), {timeline, last, value});
    raise(timeline->signal, value);
    call_.layer().order.signal(moment_, *timeline, last, value);
    signals_.push_back({inner<tn_timeline>(timeline), value});
  }
}

void Submission::add_command(const tn_cmd* command, const std::string& what) {
  if (command == nullptr) return call_.host_error(what + " is NULL");
  const auto rule = std::find_if(k_rules.begin(), k_rules.end(),
                                 [&](const Rule& r) { return r.type == command->type; });
  if (rule == k_rules.end())
    return call_.host_error(what + " has the unknown type " + std::to_string(command->type));
  if (!call_.sized(command, command->struct_size, rule->size, what)) return;
  Command& copied = commands_.emplace_back();
  std::memcpy(static_cast<void*>(&copied), command, rule->size);
  copied.head.struct_size = static_cast<std::uint32_t>(rule->size);
  (this->*rule->apply)(copied, what);
  heads_.push_back(&copied.head);
}

tn_buffer* Submission::buffer(tn_buffer* host, std::uint64_t offset, std::uint64_t size,
                              const std::string& what) {
  Handle* handle = call_.live(host, Kind::buffer);
  if (handle != nullptr) call_.range(*handle, offset, size, what);
  return inner<tn_buffer>(handle);
}

void Submission::aligned(std::uint64_t offset, std::uint64_t size, const std::string& what) {
  call_.require(offset % 4 == 0 && size % 4 == 0 && size > 0,
                what + ": offset and size must be multiples of 4, size not 0");
}

void Submission::copy(Command& command, const std::string& what) {
  tn_cmd_copy& c = command.copy;
  aligned(c.src_offset | c.dst_offset, c.size, what);
  const std::uint64_t apart =
      std::max(c.src_offset, c.dst_offset) - std::min(c.src_offset, c.dst_offset);
  call_.require(c.src != c.dst || apart >= c.size, what + ": source and destination overlap");
  c.src = buffer(c.src, c.src_offset, c.size, what + ", the source");
  c.dst = buffer(c.dst, c.dst_offset, c.size, what + ", the destination");
}

void Submission::fill(Command& command, const std::string& what) {
  tn_cmd_fill& c = command.fill;
  c.dst = buffer(c.dst, c.offset, c.size, what);
  aligned(c.offset, c.size, what);
}

void Submission::write(Command& command, const std::string& what) {
  tn_cmd_write& c = command.write;
  c.dst = buffer(c.dst, c.offset, c.size, what);
  aligned(c.offset, c.size, what);
  call_.require(c.src != nullptr, what + ": src is NULL");
}

void Submission::read(Command& command, const std::string& what) {
  tn_cmd_read& c = command.read;
  c.src = buffer(c.src, c.offset, c.size, what);
  aligned(c.offset, c.size, what);
  call_.require(c.dst != nullptr, what + ": dst is NULL");
}

void Submission::kv_copy(Command& command, const std::string& what) {
  tn_cmd_kv_copy& c = command.kv_copy;
  const Handle* kv = call_.live(c.kv, Kind::kv);
  c.kv = inner<tn_kv>(kv);
  if (kv == nullptr) return;
  if (c.group >= kv->pages.size() || (c.n_moves > 0 && c.moves == nullptr))
    return call_.host_error(what + ": no group " + std::to_string(c.group) + ", or no moves");
  for (std::uint32_t i = 0; i < c.n_moves; ++i) {
    const tn_kv_move& m = c.moves[i];
    const std::uint64_t pages = kv->pages[c.group];
    const std::uint64_t last = std::max<std::uint64_t>(m.src_first, m.dst_first) + m.n;
    call_.require(m.src_page < pages && m.dst_page < pages && last <= TN_PAGE_POSITIONS,
                  what + ": move " + std::to_string(i) + " leaves its pages");
  }
}

void Submission::kv_rows(Command& command, const std::string& what) {
  tn_cmd_kv_rows& c = command.kv_rows;
  const Handle* kv = call_.live(c.kv, Kind::kv);
  c.kv = inner<tn_kv>(kv);
  call_.require(c.stride >= TN_SIZE_1_0_tn_kv_rows && (c.n_rows == 0 || c.rows != nullptr),
                what + ": rows are NULL, or a stride below the size of tn_kv_rows");
  for (std::uint32_t i = 0; i < c.n_rows && !call_.wrong(); ++i) {
    const tn_kv_rows& rows = at_stride(c.rows, c.stride, i);
    if (call_.sized(&rows, TN_SIZE_1_0_tn_kv_rows, "tn_kv_rows")) check_rows(*kv, rows, what);
  }
}

void Submission::check_rows(const Handle& kv, const tn_kv_rows& rows, const std::string& what) {
  const auto group = kv.groups.find(rows.state);
  if (group == kv.groups.end())
    return call_.host_error(what + ": " + kv.name() + " has no state " +
                            std::to_string(rows.state));
  const std::uint64_t pages = kv.pages[group->second];
  call_.require(rows.page < pages,
                what + ": page " + std::to_string(rows.page) + " of " + std::to_string(pages));
  call_.require(rows.first <= TN_PAGE_POSITIONS && rows.n <= TN_PAGE_POSITIONS - rows.first,
                what + ": rows beyond the end of a page");
  call_.require(rows.k != nullptr && rows.v != nullptr, what + ": k or v is NULL");
}

}  // namespace tenon::validation
