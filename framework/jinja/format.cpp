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

constexpr std::string_view k_type_names[] = {"Undefined", "NoneType",  "bool",     "int",
                                             "float",     "str",       "list",     "tuple",
                                             "dict",      "namespace", "function", "loop"};

class JsonWriter {
 public:
  JsonWriter(Runtime& rt, const JsonStyle& style) : rt_(rt), style_(style) {}

  void write(const Value& v) {
    const Runtime::Nesting nesting(rt_);
    if (!rt_.step() || out.size() > rt_.limits().memory_bytes) return;
    switch (v.kind()) {
      case Kind::none:
        out += "null";
        return;
      case Kind::boolean:
        out += v.as_integer() != 0 ? "true" : "false";
        return;
      case Kind::integer:
        out += std::to_string(v.as_integer());
        return;
      case Kind::real:
        return real(v.as_real());
      case Kind::string:
        return string(v.as_string());
      case Kind::list:
      case Kind::tuple:
        if (!v.is_lazy()) return list(v.as_list());
        rt_.fail("Object of type generator is not JSON serializable: use | list first");
        return;
      case Kind::dict:
        return dict(v.as_dict());
      default:
        rt_.fail(fmt::format("Object of type {} is not JSON serializable", type_name(v)));
    }
  }

  std::string out;

 private:
  void real(double d) {
    if (std::isfinite(d)) {
      out += format_real(d);
    } else {
      out += std::isnan(d) ? "NaN" : d > 0 ? "Infinity" : "-Infinity";
    }
  }

  void string(std::string_view text) {
    rt_.work(text.size());
    out.push_back('"');
    for (const std::string_view c : text::characters(text)) character(c);
    out.push_back('"');
  }

  void character(std::string_view c) {
    constexpr std::string_view k_special = "\"\\\n\r\t\b\f", k_names = "\"\\nrtbf";
    const std::size_t i = k_special.find(c);
    const std::uint32_t code_point = utf8::decode(c).code_point;
    if (i != std::string_view::npos) {
      out += {'\\', k_names[i]};
    } else if (code_point < 0x20 ||
               (style_.ensure_ascii && code_point >= 0x80 && code_point < 0x10000)) {
      out += fmt::format("\\u{:04x}", code_point);
    } else if (style_.ensure_ascii && code_point >= 0x10000) {
      const std::uint32_t rest = code_point - 0x10000;
      out += fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + (rest >> 10), 0xDC00 + (rest & 0x3FF));
    } else {
      out += c;
    }
  }

  void line_break() {
    if (!style_.indent) return;
    out.push_back('\n');
    for (int i = 0; i < level_ && rt_.step(); ++i) out += *style_.indent;
  }

  // Writes the items between brackets; write_item(i) writes one.
  template <class WriteItem>
  void block(char open, char close, std::size_t n, WriteItem write_item) {
    out.push_back(open);
    ++level_;
    for (std::size_t i = 0; i < n && !rt_.failed(); ++i) {
      if (i > 0) out += style_.item_separator;
      line_break();
      write_item(i);
    }
    --level_;
    if (n > 0) line_break();
    out.push_back(close);
  }

  void list(const List& items) {
    block('[', ']', items.size(), [&](std::size_t i) { write(items[i]); });
  }

  void key(const Value& k) {
    if (k.is(Kind::string)) return string(k.as_string());
    out.push_back('"');
    write(k);
    out.push_back('"');
  }

  void dict(const Dict& entries) {
    Dict sorted = entries;
    if (style_.sort_keys)
      std::stable_sort(sorted.begin(), sorted.end(), [&](const auto& a, const auto& b) {
        return rt_.compare(a.first, b.first) < 0;
      });
    block('{', '}', sorted.size(), [&](std::size_t i) {
      key(sorted[i].first);
      out += style_.key_separator;
      write(sorted[i].second);
    });
  }

  Runtime& rt_;
  const JsonStyle& style_;
  int level_ = 0;
};

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

std::string quote(std::string_view text) {
  const bool prefers_double =
      text.find('\'') != std::string_view::npos && text.find('"') == std::string_view::npos;
  const char mark = prefers_double ? '"' : '\'';
  std::string out(1, mark);
  for (const char c : text) {
    constexpr std::string_view k_special = "\\\n\r\t", k_names = "\\nrt";
    const std::size_t i = k_special.find(c);
    if (i != std::string_view::npos) {
      out += {'\\', k_names[i]};
    } else if (c == mark) {
      out += {'\\', c};
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      out += fmt::format("\\x{:02x}", c);
    } else {
      out.push_back(c);
    }
  }
  return out + mark;
}

std::string Runtime::str(const Value& v) {
  switch (v.kind()) {
    case Kind::undefined:
      return {};
    case Kind::string:
      work(v.as_string().size());
      return v.as_string();
    default:
      return repr(v);
  }
}

std::string Runtime::repr(const Value& v) {
  std::string out;
  append_repr(out, v);
  return out;
}

void Runtime::append_repr(std::string& out, const Value& v) {
  const Nesting nesting(*this);
  if (!step() || out.size() > limits_.memory_bytes) return;
  switch (v.kind()) {
    case Kind::none:
      out += "None";
      return;
    case Kind::boolean:
      out += v.as_integer() != 0 ? "True" : "False";
      return;
    case Kind::integer:
      out += std::to_string(v.as_integer());
      return;
    case Kind::real:
      out += format_real(v.as_real());
      return;
    case Kind::string:
      work(v.as_string().size());
      out += quote(v.as_string());
      return;
    case Kind::list:
    case Kind::tuple: {
      const bool is_list = v.is(Kind::list);
      out += is_list ? '[' : '(';
      for (std::size_t i = 0; i < v.as_list().size() && !failed(); ++i) {
        if (i > 0) out += ", ";
        append_repr(out, v.as_list()[i]);
      }
      if (!is_list && v.as_list().size() == 1) out += ',';
      out += is_list ? ']' : ')';
      return;
    }
    case Kind::dict: {
      out += '{';
      for (std::size_t i = 0; i < v.as_dict().size() && !failed(); ++i) {
        if (i > 0) out += ", ";
        append_repr(out, v.as_dict()[i].first);
        out += ": ";
        append_repr(out, v.as_dict()[i].second);
      }
      out += '}';
      return;
    }
    default:
      out += fmt::format("<{}>", type_name(v));
  }
}

std::string to_json(Runtime& rt, const Value& v, const JsonStyle& style) {
  JsonWriter writer(rt, style);
  writer.write(v);
  return std::move(writer.out);
}

}  // namespace tenon::jinja
