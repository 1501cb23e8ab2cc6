// Text of files, made safe and short for a terminal.
#pragma once

#include <string>
#include <string_view>

namespace tenon::cli {

inline constexpr std::size_t k_shown_characters = 96;

// The text itself where it is a line of at most `limit` characters that a terminal only shows.
// Otherwise in quotes: what steers terminals and what is no UTF-8 is escaped, what is over is cut.
std::string printable(std::string_view text, std::size_t limit = k_shown_characters);

// One line or several, without quotes; each escaped and cut in the same way.
std::string printable_lines(std::string_view text, std::size_t limit = 1000);

}  // namespace tenon::cli
