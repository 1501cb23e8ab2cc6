// Case, white space and splitting by code point; case mappings from utf8proc.
#include "framework/jinja/text_utils.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <cstring>

#include "framework/base/utf8.hpp"

namespace tenon::jinja::text {
namespace {

std::uint32_t code_point(std::string_view character) { return utf8::decode(character).code_point; }

using CaseMap = utf8proc_int32_t (*)(utf8proc_int32_t);

void add_mapped(TextBuilder& out, const Text& character, CaseMap map) {
  if (character.chars == "\u00DF" && map == utf8proc_toupper)  // the one common letter that grows
    return out.add_instead("SS", character);
  const auto cp = static_cast<utf8proc_int32_t>(code_point(character.chars));
  out.add_character(static_cast<std::uint32_t>(map(cp)), character);
}

// `first`: for a character that `starts` says begins a word; `rest`: for the others. `starts` is
// asked about the character before, which is empty at the beginning.
template <class Starts>
Value mapped(Runtime& rt, const Text& text, CaseMap first, CaseMap rest, Starts starts) {
  TextBuilder out(rt);
  Characters all(rt, text);
  std::string_view before;
  for (Text c; all.next(c); before = c.chars) add_mapped(out, c, starts(before) ? first : rest);
  return out.finish();
}

bool never(std::string_view) { return false; }
bool at_begin(std::string_view before) { return before.empty(); }
bool after_other(std::string_view before) { return before.empty() || !is_letter(before); }
bool after_space(std::string_view before) {
  return before.empty() || is_white_space(before) ||
         std::string_view("-({[<").find(before) != std::string_view::npos;
}

}  // namespace

std::string repaired(std::string_view text) {
  return utf8::is_valid(text) ? std::string(text) : utf8::repair(text);
}

bool Characters::next(Text& character) {
  if (rest_.size() == 0) return false;
  budget_.step();
  const std::size_t n = utf8::decode(rest_.chars).length;
  character = rest_.substr(0, n);
  rest_ = rest_.substr(n);
  return true;
}

Search::Search(Budget& budget, std::string_view text, std::string_view needle)
    : text_(text), needle_(needle) {
  budget.work(4 * (text.size() + needle.size()));
}

// memmem is linear also where text and needle repeat themselves; std::string::find is not.
std::size_t Search::next(std::size_t from) const {
  if (from > text_.size() || needle_.size() > text_.size() - from) return std::string_view::npos;
  if (needle_.empty()) return from;
  const void* found =
      memmem(text_.data() + from, text_.size() - from, needle_.data(), needle_.size());
  return found == nullptr
             ? std::string_view::npos
             : static_cast<std::size_t>(static_cast<const char*>(found) - text_.data());
}

std::size_t find_last(Budget& budget, std::string_view text, std::string_view needle) {
  String mirrored(budget), part(budget);
  mirrored.assign(text.rbegin(), text.rend());
  part.assign(needle.rbegin(), needle.rend());
  const std::size_t at = Search(budget, mirrored, part).next(0);
  return at == std::string_view::npos ? at : text.size() - at - needle.size();
}

std::int64_t length(Budget& budget, const Text& text) {
  budget.work(text.size());
  return std::count_if(text.chars.begin(), text.chars.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0u) != 0x80;  // not a later byte of a character
  });
}

Value upper(Runtime& rt, const Text& text) {
  return mapped(rt, text, utf8proc_toupper, utf8proc_toupper, never);
}
Value lower(Runtime& rt, const Text& text) {
  return mapped(rt, text, utf8proc_tolower, utf8proc_tolower, never);
}
Value capitalize(Runtime& rt, const Text& text) {
  return mapped(rt, text, utf8proc_totitle, utf8proc_tolower, at_begin);
}
Value title(Runtime& rt, const Text& text) {
  return mapped(rt, text, utf8proc_totitle, utf8proc_tolower, after_other);
}
Value title_words(Runtime& rt, const Text& text) {
  return mapped(rt, text, utf8proc_toupper, utf8proc_tolower, after_space);
}

bool is_white_space(std::string_view character) {
  const std::uint32_t c = code_point(character);
  return (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x20) || c == 0x85 || c == 0xA0 ||
         c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
         c == 0x205F || c == 0x3000;
}

bool is_letter(std::string_view character) {
  const utf8proc_category_t category =
      utf8proc_category(static_cast<utf8proc_int32_t>(code_point(character)));
  return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
}

bool is_number(std::string_view character) {
  return utf8proc_category(static_cast<utf8proc_int32_t>(code_point(character))) ==
         UTF8PROC_CATEGORY_ND;
}

Text strip(Budget& budget, Text text, std::string_view set, bool left, bool right) {
  const auto goes = [&](std::string_view c) {
    budget.work(set.size());
    return set.empty() ? is_white_space(c) : set.find(c) != std::string_view::npos;
  };
  while (left && text.size() > 0) {
    const std::size_t n = utf8::decode(text.chars).length;
    if (!goes(text.chars.substr(0, n))) break;
    text = text.substr(n);
  }
  while (right && text.size() > 0) {
    std::size_t at = text.size() - 1;
    while (at > 0 && (static_cast<unsigned char>(text.chars[at]) & 0xC0u) == 0x80) --at;
    if (!goes(text.chars.substr(at))) break;
    text = text.substr(0, at);
  }
  return text;
}

List split(Runtime& rt, const Text& text, std::string_view separator, std::int64_t limit) {
  List out(rt);
  const Search search(rt, text.chars, separator);
  for (std::size_t at = 0;;) {
    rt.step();
    const std::size_t next = limit == 0 ? std::string_view::npos : search.next(at);
    const bool last = next == std::string_view::npos;
    out.push_back(Value::string(text.substr(at, last ? next : next - at)));
    if (last) return out;
    at = next + separator.size();
    limit -= limit > 0;
  }
}

List split_from_right(Runtime& rt, Text text, std::string_view separator, std::int64_t limit) {
  List out(rt);
  String mirrored(rt), part(rt);
  mirrored.assign(text.chars.rbegin(), text.chars.rend());
  part.assign(separator.rbegin(), separator.rend());
  const Search search(rt, mirrored, part);
  const std::size_t size = text.size();
  for (; limit != 0; limit -= limit > 0) {
    rt.step();
    const std::size_t found = search.next(size - text.size());
    if (found == std::string_view::npos) break;
    const std::size_t at = size - found - separator.size();
    out.push_back(Value::string(text.substr(at + separator.size())));
    text = text.substr(0, at);
  }
  out.push_back(Value::string(text));
  std::reverse(out.begin(), out.end());
  return out;
}

List split_space(Runtime& rt, Text text, std::int64_t limit) {
  List out(rt);
  text = strip(rt, text, {}, true, false);
  while (text.size() > 0) {
    std::size_t n = 0;
    if (limit == 0) {
      n = strip(rt, text, {}, false, true).size();
    } else {
      Characters all(rt, text);
      for (Text c; all.next(c) && !is_white_space(c.chars);) n += c.size();
    }
    out.push_back(Value::string(text.substr(0, n)));
    if (limit == 0) break;
    text = strip(rt, text.substr(n), {}, true, false);
    limit -= limit > 0;
  }
  return out;
}

List split_lines(Runtime& rt, Text text) {
  List out(rt);
  rt.work(text.size());
  while (text.size() > 0) {
    rt.step();
    const std::size_t end = text.chars.find_first_of("\n\r\v\f");
    out.push_back(Value::string(text.substr(0, end)));
    if (end == std::string_view::npos) break;
    text = text.substr(text.chars.substr(end).starts_with("\r\n") ? end + 2 : end + 1);
  }
  return out;
}

Value replace(Runtime& rt, const Text& text, const Text& from, const Text& to, std::int64_t limit) {
  TextBuilder out(rt);
  if (from.size() == 0) {  // between all characters
    Characters all(rt, text);
    for (Text c; all.next(c); limit -= limit > 0) {
      if (limit != 0) out.add(to);
      out.add(c);
    }
    if (limit != 0) out.add(to);
    return out.finish();
  }
  const Search search(rt, text.chars, from.chars);
  for (std::size_t at = 0;; limit -= limit > 0) {
    const std::size_t next = limit == 0 ? std::string_view::npos : search.next(at);
    const bool last = next == std::string_view::npos;
    out.add(text.substr(at, last ? next : next - at));
    if (last) return out.finish();
    out.add(to);
    at = next + from.size();
  }
}

Value escaped(Runtime& rt, const Text& text) {
  constexpr std::string_view k_special = "&<>\"'";
  constexpr std::string_view k_entities[] = {"&amp;", "&lt;", "&gt;", "&#34;", "&#39;"};
  TextBuilder out(rt);
  for (std::size_t at = 0; at < text.size();) {
    rt.step();
    const std::size_t i = k_special.find(text.chars[at]);
    const std::size_t end = std::min(text.chars.find_first_of(k_special, at), text.size());
    if (i == std::string_view::npos) {
      out.add(text.substr(at, end - at));
      at = end;
    } else {
      out.add_instead(k_entities[i], text.substr(at, 1));
      ++at;
    }
  }
  return out.finish();
}

}  // namespace tenon::jinja::text
