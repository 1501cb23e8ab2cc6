// Descriptors 0 to 2, and what the process says when they or its limits fail it.
#pragma once

#include <system_error>

#include "framework/include/tenon/result.hpp"

namespace tenon::cli {

// Fills those that were closed by whoever started us, so that no file we open later takes their
// place: reading and writing them goes on to fail. Call it before anything is opened.
void reserve_standard_streams();
// Whether a write to stdout failed because nobody reads it any more.
bool stdout_reader_is_gone();
// Ends the process as SIGPIPE would have.
[[noreturn]] void end_by_sigpipe();

// What the system refused, and which limit of this process may be behind it.
Error limit_reached(const std::string& what);

}  // namespace tenon::cli
