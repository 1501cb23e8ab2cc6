// Python's ways with text, over UTF-8.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tenon::jinja::text {

std::string repaired(std::string_view text);
std::vector<std::string_view> characters(std::string_view text);
std::string upper(std::string_view text);
std::string lower(std::string_view text);
std::string capitalize(std::string_view text);
// str.title: a capital after each non-letter.
std::string title(std::string_view text);

// Without the characters of `set` at the ends; an empty set means white space.
std::string_view strip(std::string_view text, std::string_view set, bool left, bool right);
std::vector<std::string> split(std::string_view text, std::string_view separator,
                               std::int64_t limit = -1);
std::vector<std::string> split_space(std::string_view text, std::int64_t limit = -1);
std::vector<std::string> split_lines(std::string_view text);
std::string replace(std::string_view text, std::string_view from, std::string_view to,
                    std::int64_t limit = -1);

bool is_white_space(std::string_view character);
bool is_letter(std::string_view character);
bool is_number(std::string_view character);

// & < > " ' as HTML entities.
std::string escaped(std::string_view text);

}  // namespace tenon::jinja::text
