// A submission of the host with the plugin's handles in it.
#pragma once

#include <array>
#include <deque>
#include <vector>

#include "framework/validation/layer.hpp"

namespace tenon::validation {

class Submission {
 public:
  // Every mistake is reported to `call`. Values to be signalled count as such from here on, as the
  // work may signal them before submit returns; without accept() they are taken back.
  Submission(Call& call, const Handle& queue, const tn_submit& submission);
  Submission(const Submission&) = delete;
  Submission& operator=(const Submission&) = delete;
  ~Submission();

  const tn_submit& get() const { return submission_; }
  void accept();

 private:
  union Command {
    Command() : head{} {}
    tn_cmd head;
    tn_cmd_copy copy;
    tn_cmd_fill fill;
    tn_cmd_write write;
    tn_cmd_read read;
    tn_cmd_execute execute;
    tn_cmd_kv_copy kv_copy;
    tn_cmd_kv_rows kv_rows;
  };
  struct Signalled {
    Handle* timeline;
    std::uint64_t before, value;
  };
  // One per type of command: its size, and what checks and translates it.
  struct Rule {
    std::uint32_t type;
    std::size_t size;
    void (Submission::*apply)(Command& command, const std::string& what);
  };
  static const std::array<Rule, 8> k_rules;

  void add_waits(const tn_submit& submission);
  void add_signals(const tn_submit& submission);
  void add_command(const tn_cmd* command, const std::string& what);
  tn_buffer* buffer(tn_buffer* host, std::uint64_t offset, std::uint64_t size,
                    const std::string& what);
  void copy(Command& command, const std::string& what);
  void fill(Command& command, const std::string& what);
  void write(Command& command, const std::string& what);
  void read(Command& command, const std::string& what);
  void execute(Command& command, const std::string& what);
  void kv_copy(Command& command, const std::string& what);
  void kv_rows(Command& command, const std::string& what);
  void aligned(std::uint64_t offset, std::uint64_t size, const std::string& what);
  void check_execute(const Handle& plan, const tn_cmd_execute& c, const std::string& what);
  void check_extents(const Handle& plan, const tn_cmd_execute& c, const std::string& what);
  void check_binding(const BindingNeeds& needs, const tn_binding& binding, const std::string& what);
  void check_rows(const Handle& kv, const tn_kv_rows& rows, const std::string& what);

  Call& call_;
  tn_submit submission_;
  Moment moment_;
  bool accepted_ = false;
  std::vector<tn_point> waits_, signals_;
  std::vector<Signalled> signalled_;
  std::deque<Command> commands_;
  std::vector<const tn_cmd*> heads_;
  std::deque<std::vector<tn_binding>> bindings_;
};

}  // namespace tenon::validation
