// Follows jinja2's lexer, with the settings that transformers gives it.
#include "framework/jinja/lexer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "framework/base/utf8.hpp"

namespace tenon::jinja {
namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool is_name(char c) { return is_name_start(c) || is_digit(c); }

constexpr std::string_view k_symbols[] = {"//", "**", "==", "!=", ">=", "<=", "+", "-", "*",
                                          "/",  "%",  "~",  "(",  ")",  "[",  "]", "{", "}",
                                          "<",  ">",  "=",  ".",  ":",  "|",  ",", ";"};

struct Escape {
  char name, value;
};
constexpr Escape k_escapes[] = {{'n', '\n'}, {'t', '\t'}, {'r', '\r'}, {'\\', '\\'}, {'\'', '\''},
                                {'"', '"'},  {'a', '\a'}, {'b', '\b'}, {'f', '\f'},  {'v', '\v'}};

struct HexEscape {
  char name;
  std::size_t digits;
};
constexpr HexEscape k_hex_escapes[] = {{'x', 2}, {'u', 4}, {'U', 8}};

std::string normalize_newlines(std::string_view source) {
  std::string out;
  out.reserve(source.size());
  for (std::size_t i = 0; i < source.size(); ++i) {
    if (source[i] == '\r') {
      out.push_back('\n');
      if (i + 1 < source.size() && source[i + 1] == '\n') ++i;
    } else {
      out.push_back(source[i]);
    }
  }
  if (out.ends_with('\n')) out.pop_back();  // keep_trailing_newline is off
  return out;
}

class Lexer {
 public:
  Lexer(std::string_view source, std::size_t max_name) : source_(source), max_name_(max_name) {}

  Result<std::vector<Token>> run() {
    while (at_ < source_.size() && !error_) next_part();
    if (error_) return fail(ErrorCode::model, *error_);
    push(TokenKind::end, {});
    return std::move(tokens_);
  }

 private:
  char peek(std::size_t n = 0) const { return at_ + n < source_.size() ? source_[at_ + n] : '\0'; }
  bool looking_at(std::string_view text) const { return source_.substr(at_).starts_with(text); }

  void push(TokenKind kind, std::string text) { tokens_.push_back({kind, std::move(text), line_}); }

  void refuse(std::string_view what) {
    if (!error_) error_ = fmt::format("chat template line {}: {}", line_, what);
  }

  void advance(std::size_t n) {
    const std::string_view part = source_.substr(at_, n);
    line_ += static_cast<int>(std::count(part.begin(), part.end(), '\n'));
    if (!part.empty()) line_starting_ = part.back() == '\n';
    at_ += part.size();
  }

  void skip_space() {
    std::size_t n = 0;
    while (is_space(peek(n)) && at_ + n < source_.size()) ++n;
    advance(n);
  }

  // The sign after an opening mark: '-' strips white space before it, '+' keeps it.
  char sign_at(std::size_t at) const {
    const char c = at < source_.size() ? source_[at] : '\0';
    return c == '-' || c == '+' ? c : '\0';
  }

  // Emits the text up to `end`, where an opening mark stands.
  void push_data(std::size_t end, char sign, bool is_variable) {
    std::string_view text = source_.substr(at_, end - at_);
    if (sign == '-') {
      while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    } else if (sign != '+' && !is_variable) {
      const std::size_t line_begin = text.rfind('\n') + 1;  // 0 when there is none
      const std::string_view tail = text.substr(line_begin);
      if ((line_begin > 0 || line_starting_) && std::all_of(tail.begin(), tail.end(), is_space))
        text = text.substr(0, line_begin);
    }
    if (!text.empty()) push(TokenKind::data, std::string(text));
    advance(end - at_);
  }

  // After a closing mark: '-' strips what follows, else a block loses one line break.
  void after_close(char sign, bool is_variable) {
    if (sign == '-') return skip_space();
    if (!is_variable && sign != '+' && peek() == '\n') advance(1);
  }

  std::size_t find_open(std::size_t from) const {
    for (std::size_t i = source_.find('{', from); i != std::string_view::npos;
         i = source_.find('{', i + 1)) {
      const char c = i + 1 < source_.size() ? source_[i + 1] : '\0';
      if (c == '{' || c == '%' || c == '#') return i;
    }
    return std::string_view::npos;
  }

  void next_part() {
    const std::size_t open = find_open(at_);
    if (open == std::string_view::npos) {
      push(TokenKind::data, std::string(source_.substr(at_)));
      return advance(source_.size() - at_);
    }
    const char mark = source_[open + 1];
    const char sign = sign_at(open + 2);
    push_data(open, sign, mark == '{');
    if (mark == '#') return comment();
    if (mark == '%' && raw(sign)) return;
    push(mark == '{' ? TokenKind::variable_begin : TokenKind::block_begin, {});
    advance(sign == '\0' ? 2 : 3);
    expression(mark == '{');
  }

  void comment() {
    const std::size_t end = source_.find("#}", at_ + 2);
    if (end == std::string_view::npos) return refuse("comment without end");
    const char sign = end > at_ + 2 ? sign_at(end - 1) : '\0';
    advance(end + 2 - at_);
    after_close(sign, false);
  }

  // `{% NAME %}` at `at`: where it ends, and the signs of both marks.
  struct Tag {
    std::size_t end;
    char open_sign, close_sign;
  };
  std::optional<Tag> match_tag(std::size_t at, std::string_view name) const {
    Tag tag{at + 2, sign_at(at + 2), '\0'};
    if (tag.open_sign != '\0') ++tag.end;
    const auto skip = [&] {
      while (tag.end < source_.size() && is_space(source_[tag.end])) ++tag.end;
    };
    skip();
    if (!source_.substr(tag.end).starts_with(name)) return std::nullopt;
    tag.end += name.size();
    skip();
    tag.close_sign = sign_at(tag.end);
    if (tag.close_sign != '\0') ++tag.end;
    if (!source_.substr(tag.end).starts_with("%}")) return std::nullopt;
    tag.end += 2;
    return tag;
  }

  bool raw(char) {
    const std::optional<Tag> begin = match_tag(at_, "raw");
    if (!begin) return false;
    advance(begin->end - at_);
    if (begin->close_sign == '-') skip_space();
    for (std::size_t i = source_.find("{%", at_); i != std::string_view::npos;
         i = source_.find("{%", i + 2)) {
      const std::optional<Tag> end = match_tag(i, "endraw");
      if (!end) continue;
      push_data(i, end->open_sign, false);
      advance(end->end - at_);
      after_close(end->close_sign, false);
      return true;
    }
    refuse("raw block without endraw");
    return true;
  }

  // Tokens up to the closing mark.
  void expression(bool is_variable) {
    const std::string_view close = is_variable ? "}}" : "%}";
    brackets_.clear();
    while (!error_) {
      skip_space();
      if (at_ >= source_.size()) return refuse(fmt::format("'{}' is missing", close));
      const char sign = sign_at(at_);
      const std::size_t mark = sign == '\0' || (is_variable && sign == '+') ? at_ : at_ + 1;
      if (brackets_.empty() && source_.substr(mark).starts_with(close)) {
        push(is_variable ? TokenKind::variable_end : TokenKind::block_end, {});
        advance(mark + 2 - at_);
        return after_close(sign, is_variable);
      }
      token();
    }
  }

  void token() {
    const char c = peek();
    if (is_name_start(c)) return name();
    if (is_digit(c)) return number();
    if (c == '"' || c == '\'') return string(c);
    for (const std::string_view symbol : k_symbols)
      if (looking_at(symbol)) return this->symbol(symbol);
    refuse(fmt::format("unexpected character '{}'", utf8::repair(source_.substr(at_, 1))));
  }

  void symbol(std::string_view symbol) {
    constexpr std::string_view k_open = "([{", k_close = ")]}";
    if (k_open.find(symbol) != std::string_view::npos) brackets_.push_back(symbol[0]);
    if (const std::size_t i = k_close.find(symbol); i != std::string_view::npos) {
      if (brackets_.empty() || brackets_.back() != k_open[i])
        return refuse(fmt::format("unexpected '{}'", symbol));
      brackets_.pop_back();
    }
    push(TokenKind::symbol, std::string(symbol));
    advance(symbol.size());
  }

  void name() {
    std::size_t n = 0;
    while (is_name(peek(n))) ++n;
    if (n > max_name_)
      return refuse(fmt::format("a name of {} bytes, the limit is {}", n, max_name_));
    push(TokenKind::name, std::string(source_.substr(at_, n)));
    advance(n);
  }

  std::size_t digits(std::size_t from) const {
    std::size_t n = from;
    while (is_digit(peek(n)) || (peek(n) == '_' && n > from && is_digit(peek(n + 1)))) ++n;
    return n;
  }

  void number() {
    std::size_t n = digits(0);
    bool real = false;
    const bool after_dot =
        !tokens_.empty() && tokens_.back().kind == TokenKind::symbol && tokens_.back().text == ".";
    if (!after_dot && peek(n) == '.' && is_digit(peek(n + 1))) {
      n = digits(n + 1);
      real = true;
    }
    const std::size_t sign = peek(n + 1) == '+' || peek(n + 1) == '-' ? 2 : 1;
    if (!after_dot && (peek(n) == 'e' || peek(n) == 'E') && is_digit(peek(n + sign))) {
      n = digits(n + sign);
      real = true;
    }
    std::string text(source_.substr(at_, n));
    std::erase(text, '_');
    push(real ? TokenKind::real : TokenKind::integer, std::move(text));
    advance(n);
  }

  void string(char quote) {
    std::string value;
    std::size_t i = at_ + 1;
    while (i < source_.size() && source_[i] != quote) {
      if (source_[i] == '\\' && i + 1 < source_.size()) {
        i = escape(i + 1, value);
      } else {
        value.push_back(source_[i++]);
      }
    }
    if (i >= source_.size()) return refuse("string without end");
    push(TokenKind::string, std::move(value));
    advance(i + 1 - at_);
  }

  // `i` is after the backslash; returns where to go on. As Python: unknown escapes stay.
  std::size_t escape(std::size_t i, std::string& out) {
    const char c = source_[i];
    if (c == '\n') return i + 1;
    for (const Escape& e : k_escapes)
      if (e.name == c) {
        out.push_back(e.value);
        return i + 1;
      }
    for (const HexEscape& e : k_hex_escapes)
      if (e.name == c) return hex(i + 1, e.digits, out);
    if (c >= '0' && c <= '7') return octal(i, out);
    out.push_back('\\');
    out.push_back(c);
    return i + 1;
  }

  std::size_t hex(std::size_t i, std::size_t digits, std::string& out) {
    std::uint32_t code_point = 0;
    for (std::size_t end = i + digits; i < end; ++i) {
      const char c = i < source_.size() ? source_[i] : '\0';
      const bool digit = is_digit(c);
      const char letter = static_cast<char>(c | 0x20);
      if (!digit && (letter < 'a' || letter > 'f')) return refuse("broken escape in string"), i;
      code_point =
          code_point * 16 + static_cast<std::uint32_t>(digit ? c - '0' : letter - 'a' + 10);
    }
    if (code_point > 0x10FFFF || (code_point >= 0xD800 && code_point < 0xE000))
      return refuse("escape in string is no character"), i;
    utf8::append(out, code_point);
    return i;
  }

  std::size_t octal(std::size_t i, std::string& out) const {
    std::uint32_t value = 0;
    const std::size_t end = i + 3;
    for (; i < end && i < source_.size() && source_[i] >= '0' && source_[i] <= '7'; ++i)
      value = value * 8 + static_cast<std::uint32_t>(source_[i] - '0');
    utf8::append(out, value);
    return i;
  }

  std::string_view source_;
  std::size_t max_name_;
  std::size_t at_ = 0;
  int line_ = 1;
  bool line_starting_ = true;  // nothing but tags stands before at_ on its line
  std::string brackets_;
  std::vector<Token> tokens_;
  std::optional<std::string> error_;
};

}  // namespace

Result<std::vector<Token>> tokenize(std::string_view source, const Limits& limits) {
  const bool valid = utf8::is_valid(source);
  const std::string normal = normalize_newlines(valid ? std::string(source) : utf8::repair(source));
  return Lexer(normal, limits.name_bytes).run();
}

}  // namespace tenon::jinja
