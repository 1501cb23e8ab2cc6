// Decomposes, sorts combining marks, composes. utf8proc sorts marks by insertion, which is
// quadratic on long runs of them, so that step is done here.
#include "framework/text/tokenizer/nfc.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <vector>

#include "framework/base/utf8.hpp"

namespace tenon {
namespace {

// The lead byte of U+0300, below which nothing decomposes into anything that NFC would not restore.
constexpr char k_first_combining = '\xCC';

bool may_change(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) >= static_cast<unsigned char>(k_first_combining);
  });
}

utf8proc_propval_t combining_class(utf8proc_int32_t code_point) {
  return utf8proc_get_property(code_point)->combining_class;
}

std::vector<utf8proc_int32_t> decompose(std::string_view text) {
  std::vector<utf8proc_int32_t> out;
  out.reserve(text.size());
  while (!text.empty()) {
    const utf8::Decoded d = utf8::decode(text);
    utf8proc_int32_t parts[8];  // the longest decomposition has 4
    int boundary = 0;
    const utf8proc_ssize_t n =
        utf8proc_decompose_char(static_cast<utf8proc_int32_t>(d.code_point), parts,
                                std::size(parts), UTF8PROC_COMPOSE, &boundary);
    if (n > 0 && n <= static_cast<utf8proc_ssize_t>(std::size(parts)))
      out.insert(out.end(), parts, parts + n);
    text.remove_prefix(d.length);
  }
  return out;
}

void sort_marks(std::vector<utf8proc_int32_t>& text) {
  const auto is_mark = [](utf8proc_int32_t c) { return combining_class(c) != 0; };
  for (auto at = text.begin(); at != text.end();) {
    const auto begin = std::find_if(at, text.end(), is_mark);
    at = std::find_if_not(begin, text.end(), is_mark);
    std::stable_sort(begin, at, [](utf8proc_int32_t a, utf8proc_int32_t b) {
      return combining_class(a) < combining_class(b);
    });
  }
}

}  // namespace

std::string to_nfc(std::string_view text) {
  if (!may_change(text)) return std::string(text);
  std::vector<utf8proc_int32_t> points = decompose(text);
  sort_marks(points);
  const utf8proc_ssize_t n =
      utf8proc_normalize_utf32(points.data(), static_cast<utf8proc_ssize_t>(points.size()),
                               static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  std::string out;
  for (utf8proc_ssize_t i = 0; i < n; ++i)
    utf8::append(out, static_cast<std::uint32_t>(points[static_cast<std::size_t>(i)]));
  return out;
}

}  // namespace tenon
