// Case, white space and splitting by code point; case mappings from utf8proc.
#include "framework/jinja/text_utils.hpp"

#include <utf8proc.h>

#include <algorithm>

#include "framework/base/utf8.hpp"

namespace tenon::jinja::text {
namespace {

std::uint32_t code_point(std::string_view character) { return utf8::decode(character).code_point; }

void append_mapped(std::string& out, std::string_view character,
                   utf8proc_int32_t (*map)(utf8proc_int32_t)) {
  if (character == "\u00DF" && map == utf8proc_toupper) {  // the one common letter that grows
    out += "SS";
    return;
  }
  const auto cp = static_cast<utf8proc_int32_t>(code_point(character));
  utf8::append(out, static_cast<std::uint32_t>(map(cp)));
}

std::string mapped(std::string_view text, utf8proc_int32_t (*map)(utf8proc_int32_t)) {
  std::string out;
  for (const std::string_view c : characters(text)) append_mapped(out, c, map);
  return out;
}

}  // namespace

std::string repaired(std::string_view text) {
  return utf8::is_valid(text) ? std::string(text) : utf8::repair(text);
}

std::vector<std::string_view> characters(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const std::size_t n = utf8::decode(text).length;
    out.push_back(text.substr(0, n));
    text.remove_prefix(n);
  }
  return out;
}

std::string upper(std::string_view text) { return mapped(text, utf8proc_toupper); }
std::string lower(std::string_view text) { return mapped(text, utf8proc_tolower); }

std::string capitalize(std::string_view text) {
  std::string out;
  for (const std::string_view c : characters(text))
    append_mapped(out, c, out.empty() ? utf8proc_totitle : utf8proc_tolower);
  return out;
}

std::string title(std::string_view text) {
  std::string out;
  bool inside = false;
  for (const std::string_view c : characters(text)) {
    append_mapped(out, c, inside ? utf8proc_tolower : utf8proc_totitle);
    inside = is_letter(c);
  }
  return out;
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

std::string_view strip(std::string_view text, std::string_view set, bool left, bool right) {
  const std::vector<std::string_view> wanted = characters(set), all = characters(text);
  const auto goes = [&](std::string_view c) {
    return set.empty() ? is_white_space(c)
                       : std::find(wanted.begin(), wanted.end(), c) != wanted.end();
  };
  std::size_t begin = 0, end = all.size(), head = 0, tail = 0;
  while (left && begin < end && goes(all[begin])) head += all[begin++].size();
  while (right && end > begin && goes(all[end - 1])) tail += all[--end].size();
  return text.substr(head, text.size() - head - tail);
}

std::vector<std::string> split(std::string_view text, std::string_view separator,
                               std::int64_t limit) {
  std::vector<std::string> out;
  for (std::size_t at = 0;;) {
    const std::size_t next = limit == 0 ? std::string_view::npos : text.find(separator, at);
    out.emplace_back(text.substr(at, next == std::string_view::npos ? next : next - at));
    if (next == std::string_view::npos) return out;
    at = next + separator.size();
    limit -= limit > 0;
  }
}

std::vector<std::string> split_space(std::string_view text, std::int64_t limit) {
  std::vector<std::string> out;
  text = strip(text, {}, true, false);
  while (!text.empty()) {
    std::size_t n = 0;
    for (const std::string_view c : characters(text)) {
      if (limit != 0 && is_white_space(c)) break;
      n += c.size();
    }
    if (limit == 0) n = strip(text, {}, false, true).size();
    if (n == 0) break;
    out.emplace_back(text.substr(0, n));
    text = limit == 0 ? std::string_view() : strip(text.substr(n), {}, true, false);
    limit -= limit > 0;
  }
  return out;
}

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = text.find_first_of("\n\r\v\f");
    out.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(text.substr(end).starts_with("\r\n") ? end + 2 : end + 1);
  }
  return out;
}

std::string replace(std::string_view text, std::string_view from, std::string_view to,
                    std::int64_t limit) {
  std::string out;
  if (from.empty()) {  // between all characters
    for (const std::string_view c : characters(text)) {
      if (limit != 0) out += to;
      limit -= limit > 0;
      out += c;
    }
    return limit != 0 ? out.append(to) : out;
  }
  for (std::size_t at = 0;;) {
    const std::size_t next = limit == 0 ? std::string_view::npos : text.find(from, at);
    out += text.substr(at, next == std::string_view::npos ? next : next - at);
    if (next == std::string_view::npos) return out;
    out += to;
    at = next + from.size();
    limit -= limit > 0;
  }
}

std::string escaped(std::string_view text) {
  constexpr std::string_view k_special = "&<>\"'";
  constexpr std::string_view k_entities[] = {"&amp;", "&lt;", "&gt;", "&#34;", "&#39;"};
  std::string out;
  for (const char c : text) {
    const std::size_t i = k_special.find(c);
    out += i == std::string_view::npos ? std::string_view(&c, 1) : k_entities[i];
  }
  return out;
}

}  // namespace tenon::jinja::text
