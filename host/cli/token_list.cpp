// Parsing of comma-separated token ids.
#include "host/cli/token_list.hpp"

#include <charconv>

namespace tenon::cli {

Result<std::vector<Token>> parse_token_list(std::string_view text) {
  std::vector<Token> tokens;
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  while (true) {
    Token id = 0;
    const auto [next, error] = std::from_chars(at, end, id);
    if (error != std::errc() || id < 0 || (next != end && *next != ','))
      return fail(ErrorCode::usage,
                  "token ids must be numbers separated by commas; stopped at byte " +
                      std::to_string(at - text.data()));
    tokens.push_back(id);
    if (next == end) return tokens;
    at = next + 1;
  }
}

}  // namespace tenon::cli
