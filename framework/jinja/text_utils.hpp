// Python's ways with text, over UTF-8. Parts of a text are views of it.
#pragma once

#include <string>
#include <string_view>

#include "framework/jinja/runtime.hpp"

namespace tenon::jinja::text {

std::string repaired(std::string_view text);

// Walks over the characters of a text and pays for each.
class Characters {
 public:
  Characters(Budget& budget, const Text& text) : budget_(budget), rest_(text) {}
  bool next(Text& character);  // false at the end

 private:
  Budget& budget_;
  Text rest_;
};

// Looks for `needle` in `text` in linear time; what all calls of next() with growing positions do
// is paid for at the start.
class Search {
 public:
  Search(Budget& budget, std::string_view text, std::string_view needle);
  std::size_t next(std::size_t from) const;  // npos: none

 private:
  std::string_view text_, needle_;
};
// The last place; npos: none.
std::size_t find_last(Budget& budget, std::string_view text, std::string_view needle);

std::int64_t length(Budget& budget, const Text& text);  // in characters
Value upper(Runtime& rt, const Text& text);
Value lower(Runtime& rt, const Text& text);
Value capitalize(Runtime& rt, const Text& text);
// str.title: a capital after each non-letter.
Value title(Runtime& rt, const Text& text);
// jinja2's own: capitals after white space, '-' and opening brackets only.
Value title_words(Runtime& rt, const Text& text);

// Without the characters of `set` at the ends; an empty set means white space.
Text strip(Budget& budget, Text text, std::string_view set, bool left, bool right);
// `limit`: how many cuts; below 0: all.
List split(Runtime& rt, const Text& text, std::string_view separator, std::int64_t limit = -1);
List split_from_right(Runtime& rt, Text text, std::string_view separator, std::int64_t limit);
List split_space(Runtime& rt, Text text, std::int64_t limit = -1);
List split_lines(Runtime& rt, Text text);
Value replace(Runtime& rt, const Text& text, const Text& from, const Text& to,
              std::int64_t limit = -1);

// Of the first character of a text.
bool is_white_space(std::string_view character);
bool is_letter(std::string_view character);
bool is_number(std::string_view character);

// & < > " ' as HTML entities.
Value escaped(Runtime& rt, const Text& text);

}  // namespace tenon::jinja::text
