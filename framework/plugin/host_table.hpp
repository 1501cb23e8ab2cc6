// HostTable: the tn_host that every plugin gets, with the logger, errors and names behind it.
#pragma once

#include <spdlog/logger.h>
#include <tenon/abi/base.h>

#include <memory>
#include <string>
#include <string_view>

#include "framework/base/interner.hpp"
#include "framework/base/result.hpp"

namespace tenon {

// Must outlive every plugin that was given get(): declare it before the Catalog. Thread-safe.
class HostTable {
 public:
  // A null logger drops all messages.
  explicit HostTable(std::shared_ptr<spdlog::logger> logger = nullptr);
  HostTable(HostTable&&) noexcept;
  HostTable& operator=(HostTable&&) noexcept;
  ~HostTable();

  const tn_host* get() const;  // stable address, also after a move
  Interner& names() const;
  tn_id intern(std::uint32_t kind, std::string_view name) const {
    return names().intern(kind, name);
  }

  // The text of this thread's last set_error, "" if none; forgets it. Call it right after a
  // failed call, or before a call whose text matters, to drop an older one.
  std::string take_error() const;

  // "what: the plugin's text" with the exit code that belongs to the status; takes the text.
  Error to_error(tn_status status, std::string_view what) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// "TN_ERR_OOM" …; unknown values read as TN_ERR_INTERNAL.
std::string_view status_name(tn_status status);
ErrorCode status_code(tn_status status);

}  // namespace tenon
