// Texts that a command reads whole, from stdin or a file.
#pragma once

#include <string>

#include "framework/include/tenon/result.hpp"

namespace tenon::cli {

// Errors: ErrorCode::failed; what was read before a failure is no text.
Result<std::string> read_stdin();
// "-" is stdin. Errors: ErrorCode::usage when there is no such file, ErrorCode::failed when reading
// it fails.
Result<std::string> read_text(const std::string& path);

}  // namespace tenon::cli
