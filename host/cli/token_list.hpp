// "1,2,3" to tokens.
#pragma once

#include "framework/include/tenon/tenon.hpp"

namespace tenon::cli {

Result<std::vector<Token>> parse_token_list(std::string_view text);

}  // namespace tenon::cli
