// Says why a call fails: formats the text, hands it to the host, returns the status.
#pragma once

#include <tenon/abi/base.h>

#include <cstdarg>
#include <cstdio>

namespace tenon::cpu {

[[gnu::format(printf, 3, 4)]] inline tn_status refuse(const tn_host* host, tn_status status,
                                                      const char* format, ...) {
  char text[512];
  va_list args;
  va_start(args, format);
  std::vsnprintf(text, sizeof text, format, args);
  va_end(args);
  if (host != nullptr) host->set_error(host->ctx, status, "", 0, text);
  return status;
}

// Why work that was accepted failed, on its way to the timelines that it signals.
struct Reason {
  char text[256] = {};

  [[gnu::format(printf, 3, 4)]] tn_status set(tn_status status, const char* format, ...) {
    va_list args;
    va_start(args, format);
    std::vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return status;
  }
};

inline const char* or_unnamed(const char* name) { return name != nullptr ? name : "(unnamed)"; }

}  // namespace tenon::cpu
