// HostTable: see host_table.hpp. The callbacks are called from C:
// nothing may leave them by throwing.
#include "framework/plugin/host_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "framework/base/guarded.hpp"
#include "framework/plugin/one_line.hpp"

namespace tenon {
namespace {

constexpr std::size_t k_max_text = 4096;     // of one message; plugins may say anything
constexpr std::size_t k_max_threads = 1024;  // with an error not yet taken

std::string printable(const char* text) {
  return text == nullptr ? "" : one_line({text, strnlen(text, k_max_text)});
}

struct StatusRow {
  std::string_view name, meaning;
  ErrorCode code;
};

constexpr std::array<StatusRow, 11> k_statuses{{
    {"TN_OK", "no error", ErrorCode::failed},
    {"TN_ERR_INVALID", "invalid argument", ErrorCode::failed},
    {"TN_ERR_UNSUPPORTED", "not supported", ErrorCode::unavailable},
    {"TN_ERR_OOM", "out of memory", ErrorCode::limit},
    {"TN_ERR_DEVICE_LOST", "device lost", ErrorCode::failed},
    {"TN_ERR_IO", "input or output failed", ErrorCode::failed},
    {"TN_ERR_CANCELLED", "cancelled", ErrorCode::cancelled},
    {"TN_ERR_VERSION", "version mismatch", ErrorCode::unavailable},
    {"TN_ERR_NOT_FOUND", "not found", ErrorCode::unavailable},
    {"TN_ERR_TIMEOUT", "timed out", ErrorCode::failed},
    {"TN_ERR_INTERNAL", "internal error", ErrorCode::failed},
}};

const StatusRow& status_row(tn_status status) {
  const bool known = status >= 0 && static_cast<std::size_t>(status) < k_statuses.size();
  return known ? k_statuses[static_cast<std::size_t>(status)] : k_statuses[TN_ERR_INTERNAL];
}

struct LevelRow {
  spdlog::level::level_enum level;
  std::string_view prefix;
};

constexpr std::array<LevelRow, 6> k_levels{{
    {spdlog::level::debug, ""},
    {spdlog::level::info, ""},
    {spdlog::level::warn, ""},
    {spdlog::level::err, ""},
    {spdlog::level::err, "the plugin breaks the contract: "},
    {spdlog::level::err, "the host breaks the contract: "},
}};

}  // namespace

struct HostTable::State {
  tn_host table{};
  std::shared_ptr<spdlog::logger> logger;
  Interner names;
  std::mutex mutex;                               // of errors
  std::map<std::thread::id, std::string> errors;  // one per thread, until taken

  static State& of(void* ctx) { return *static_cast<State*>(ctx); }

  void log_line(std::int32_t level, const char* component, const char* text) const {
    if (!logger) return;
    const std::size_t last = k_levels.size() - 1;
    const LevelRow& row = k_levels[level < 0 ? 0 : std::min(static_cast<std::size_t>(level), last)];
    logger->log(row.level, "[{}] {}{}", printable(component), row.prefix, printable(text));
  }

  void keep_error(tn_status status, const char* file, std::int32_t line, const char* text) {
    std::string message = printable(text);
    if (logger) {
      logger->debug("set_error {} at {}:{}: {}", status_name(status), printable(file), line,
                    message);
    }
    const std::scoped_lock lock(mutex);
    if (errors.size() >= k_max_threads) errors.erase(errors.begin());
    errors[std::this_thread::get_id()] = std::move(message);
  }
};

HostTable::HostTable(std::shared_ptr<spdlog::logger> logger) : state_(std::make_unique<State>()) {
  state_->logger = std::move(logger);
  tn_host& table = state_->table;
  table.struct_size = sizeof(tn_host);
  table.abi_major = TN_ABI_MAJOR;
  table.abi_minor = TN_ABI_MINOR;
  table.ctx = state_.get();
  table.log = [](void* ctx, int32_t level, const char* component, const char* text) {
    // A lost message is better than a lost process.
    guarded(false, [&] { return State::of(ctx).log_line(level, component, text), true; });
  };
  table.set_error = [](void* ctx, tn_status status, const char* file, int32_t line,
                       const char* text) {
    guarded(false, [&] { return State::of(ctx).keep_error(status, file, line, text), true; });
  };
  table.intern = [](void* ctx, uint32_t kind, const char* name) {
    return guarded(tn_id{0},
                   [&] { return State::of(ctx).names.intern(kind, name == nullptr ? "" : name); });
  };
  table.id_name = [](void* ctx, tn_id id) { return State::of(ctx).names.name(id); };
  table.get_extension = [](void*, const char*) -> const void* { return nullptr; };
}

HostTable::HostTable(HostTable&&) noexcept = default;
HostTable& HostTable::operator=(HostTable&&) noexcept = default;
HostTable::~HostTable() = default;

const tn_host* HostTable::get() const { return &state_->table; }
Interner& HostTable::names() const { return state_->names; }

std::string HostTable::take_error() const {
  const std::scoped_lock lock(state_->mutex);
  auto taken = state_->errors.extract(std::this_thread::get_id());
  return taken.empty() ? "" : std::move(taken.mapped());
}

Error HostTable::to_error(tn_status status, std::string_view what) const {
  const std::string text = take_error();
  const StatusRow& row = status_row(status);
  if (text.empty()) return Error(row.code, fmt::format("{}: {}", what, row.meaning));
  return Error(row.code, fmt::format("{}: {}", what, text));
}

std::string_view status_name(tn_status status) { return status_row(status).name; }
ErrorCode status_code(tn_status status) { return status_row(status).code; }

}  // namespace tenon
