// str(), repr() and JSON text of values, as Python writes them.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "framework/base/utf8.hpp"
#include "framework/jinja/runtime.hpp"
#include "framework/jinja/text_utils.hpp"

namespace tenon::jinja {
namespace {

// In the order of Kind.
constexpr std::string_view k_type_names[] = {"Undefined", "NoneType",  "bool",     "int",
                                             "float",     "str",       "list",     "tuple",
                                             "dict",      "namespace", "function", "loop"};
static_assert(std::size(k_type_names) == k_kinds);

class JsonWriter {
 public:
  JsonWriter(Runtime& rt, const JsonStyle& style) : out(rt), rt_(rt), style_(style) {}

  void write(const Value& v) {
    const Runtime::Nesting nesting(rt_);
    rt_.step();
    switch (v.kind()) {
      case Kind::none:
        return out.add("null");
      case Kind::boolean:
        return out.add(v.as_integer() != 0 ? "true" : "false");
      case Kind::integer:
        return out.add(std::to_string(v.as_integer()));
      case Kind::real:
        return real(v.as_real());
      case Kind::string:
        return string(v.as_text());
      case Kind::list:
      case Kind::tuple:
        if (!v.is_lazy()) return list(v.as_list());
        rt_.fail("Object of type generator is not JSON serializable: use | list first");
      case Kind::dict:
        return dict(v.as_dict());
      default:
        rt_.fail(fmt::format("Object of type {} is not JSON serializable", type_name(v)));
    }
  }

  TextBuilder out;

 private:
  void real(double d) {
    if (std::isfinite(d)) return out.add(format_real(d));
    out.add(std::isnan(d) ? "NaN" : d > 0 ? "Infinity" : "-Infinity");
  }

  void string(const Text& text) {
    out.add('"');
    text::Characters all(rt_, text);
    for (Text c; all.next(c);) character(c);
    out.add('"');
  }

  void character(const Text& c) {
    constexpr std::string_view k_special = "\"\\\n\r\t\b\f", k_names = "\"\\nrtbf";
    const std::size_t i = k_special.find(c.chars);
    const std::uint32_t code_point = utf8::decode(c.chars).code_point;
    if (i != std::string_view::npos) {
      const char escape[] = {'\\', k_names[i]};
      out.add_instead({escape, 2}, c);
    } else if (code_point < 0x20 ||
               (style_.ensure_ascii && code_point >= 0x80 && code_point < 0x10000)) {
      out.add_instead(fmt::format("\\u{:04x}", code_point), c);
    } else if (style_.ensure_ascii && code_point >= 0x10000) {
      const std::uint32_t rest = code_point - 0x10000;
      out.add_instead(
          fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + (rest >> 10), 0xDC00 + (rest & 0x3FF)), c);
    } else {
      out.add(c);
    }
  }

  void line_break() {
    if (!style_.indent) return;
    out.add('\n');
    for (int i = 0; i < level_; ++i) out.add(*style_.indent);
  }

  // Writes the items between brackets; write_item(i) writes one.
  template <class WriteItem>
  void block(char open, char close, std::size_t n, WriteItem write_item) {
    out.add(open);
    ++level_;
    for (std::size_t i = 0; i < n; ++i) {
      if (i > 0) out.add(style_.item_separator);
      line_break();
      write_item(i);
    }
    --level_;
    if (n > 0) line_break();
    out.add(close);
  }

  void list(const List& items) {
    block('[', ']', items.size(), [&](std::size_t i) { write(items[i]); });
  }

  void key(const Value& k) {
    if (k.is(Kind::string)) return string(k.as_text());
    out.add('"');
    write(k);
    out.add('"');
  }

  void dict(const Dict& entries) {
    Dict sorted = entries;
    if (style_.sort_keys)
      merge_sort(rt_, sorted,
                 [&](const auto& a, const auto& b) { return rt_.compare(a.first, b.first) < 0; });
    block('{', '}', sorted.size(), [&](std::size_t i) {
      key(sorted[i].first);
      out.add(style_.key_separator);
      write(sorted[i].second);
    });
  }

  Runtime& rt_;
  const JsonStyle& style_;
  int level_ = 0;
};

// repr of a string.
void add_quoted(Runtime& rt, TextBuilder& out, const Text& text) {
  rt.work(text.size());
  const bool prefers_double = text.chars.find('\'') != std::string_view::npos &&
                              text.chars.find('"') == std::string_view::npos;
  const char mark = prefers_double ? '"' : '\'';
  out.add(mark);
  text::Characters all(rt, text);
  for (Text c; all.next(c);) {
    constexpr std::string_view k_special = "\\\n\r\t", k_names = "\\nrt";
    const char first = c.chars[0];
    const std::size_t i = k_special.find(first);
    const char escape[] = {'\\', i != std::string_view::npos ? k_names[i] : first};
    if (i != std::string_view::npos || first == mark) {
      out.add_instead({escape, 2}, c);
    } else if (static_cast<unsigned char>(first) < 0x20 || first == 0x7F) {
      out.add_instead(fmt::format("\\x{:02x}", first), c);
    } else {
      out.add(c);
    }
  }
  out.add(mark);
}

}  // namespace

std::string_view type_name(const Value& v) {
  return k_type_names[static_cast<std::size_t>(v.kind())];
}

// The shortest digits that read back, with an exponent below 1e-4 and from 1e16 on.
std::string format_real(double d) {
  if (std::isnan(d)) return "nan";
  if (std::isinf(d)) return d > 0 ? "inf" : "-inf";
  char buffer[64];
  const double size = std::abs(d);
  const bool scientific = size != 0 && (size < 1e-4 || size >= 1e16);
  const auto end =
      std::to_chars(buffer, buffer + sizeof buffer, d,
                    scientific ? std::chars_format::scientific : std::chars_format::fixed)
          .ptr;
  std::string text(buffer, end);
  if (!scientific && text.find('.') == std::string::npos) text += ".0";
  return text;
}

Text Runtime::str(const Value& v) {
  if (v.is(Kind::string)) return v.as_text();
  return v.is(Kind::undefined) ? Text{} : repr(v);
}

Text Runtime::repr(const Value& v) {
  TextBuilder out(*this);
  out.add_repr(v);
  return out.finish_text();
}

void TextBuilder::add_str(const Value& v) {
  if (v.is(Kind::string)) return add(v.as_text());
  if (!v.is(Kind::undefined)) add_repr(v);
}

void TextBuilder::add_repr(const Value& v) {
  const Runtime::Nesting nesting(rt_);
  rt_.step();
  switch (v.kind()) {
    case Kind::none:
      return add("None");
    case Kind::boolean:
      return add(v.as_integer() != 0 ? "True" : "False");
    case Kind::integer:
      return add(std::to_string(v.as_integer()));
    case Kind::real:
      return add(format_real(v.as_real()));
    case Kind::string:
      return add_quoted(rt_, *this, v.as_text());
    case Kind::list:
    case Kind::tuple: {
      const bool is_list = v.is(Kind::list);
      add(is_list ? '[' : '(');
      for (std::size_t i = 0; i < v.as_list().size(); ++i) {
        if (i > 0) add(", ");
        add_repr(v.as_list()[i]);
      }
      if (!is_list && v.as_list().size() == 1) add(',');
      return add(is_list ? ']' : ')');
    }
    case Kind::dict: {
      add('{');
      for (std::size_t i = 0; i < v.as_dict().size(); ++i) {
        if (i > 0) add(", ");
        add_repr(v.as_dict()[i].first);
        add(": ");
        add_repr(v.as_dict()[i].second);
      }
      return add('}');
    }
    default:
      add(fmt::format("<{}>", type_name(v)));
  }
}

Value to_json(Runtime& rt, const Value& v, const JsonStyle& style) {
  JsonWriter writer(rt, style);
  writer.write(v);
  return writer.out.finish();
}

}  // namespace tenon::jinja
