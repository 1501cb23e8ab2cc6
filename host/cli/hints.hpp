// An error in words of the command line: the message, and the flag that would help.
#pragma once

#include <string>

#include "framework/include/tenon/result.hpp"

namespace tenon::cli {

std::string explained(const Error& error);

}  // namespace tenon::cli
