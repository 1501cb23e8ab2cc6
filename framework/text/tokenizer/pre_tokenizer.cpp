// Runs the pre-tokenizer's expressions with PCRE2: JIT, Unicode classes, limits on work and memory.
#define PCRE2_CODE_UNIT_WIDTH 8
#include "framework/text/tokenizer/pre_tokenizer.hpp"

#include <fmt/format.h>
#include <pcre2.h>

#include <algorithm>
#include <string>

#include "framework/base/quoted.hpp"

namespace tenon {
namespace {

constexpr std::uint32_t k_match_limit = 50'000'000;  // steps of one match
constexpr std::uint32_t k_heap_limit_kib = 64 * 1024;
constexpr std::size_t k_jit_stack_bytes = 1 << 20;

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* p) const {
    Free(p);
  }
};

using CodePtr = std::unique_ptr<pcre2_code, Freer<pcre2_code_free>>;
using MatchDataPtr = std::unique_ptr<pcre2_match_data, Freer<pcre2_match_data_free>>;
using ContextPtr = std::unique_ptr<pcre2_match_context, Freer<pcre2_match_context_free>>;
using JitStackPtr = std::unique_ptr<pcre2_jit_stack, Freer<pcre2_jit_stack_free>>;

// PCRE2's \s also takes U+180E, which left White_Space in Unicode 6.3.
std::string with_white_space(std::string_view pattern) {
  std::string out;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    out.push_back(pattern[i]);
    if (pattern[i] != '\\' || i + 1 == pattern.size()) continue;
    const char escaped = pattern[++i];
    if (escaped == 's') out += "p{White_Space}";
    if (escaped == 'S') out += "P{White_Space}";
    if (escaped != 's' && escaped != 'S') out.push_back(escaped);
  }
  return out;
}

PCRE2_SPTR code_units(std::string_view text) { return reinterpret_cast<PCRE2_SPTR>(text.data()); }

}  // namespace

// What one thread needs to match with any of the expressions.
class PreTokenizer::Scratch {
 public:
  Scratch()
      : data(pcre2_match_data_create(1, nullptr)),
        context(pcre2_match_context_create(nullptr)),
        stack_(pcre2_jit_stack_create(32 * 1024, k_jit_stack_bytes, nullptr)) {
    if (!context) return;
    pcre2_set_match_limit(context.get(), k_match_limit);
    pcre2_set_heap_limit(context.get(), k_heap_limit_kib);
    pcre2_jit_stack_assign(context.get(), nullptr, stack_.get());
  }

  bool ready() const { return data && context; }

  MatchDataPtr data;
  ContextPtr context;

 private:
  JitStackPtr stack_;
};

class PreTokenizer::Regex {
 public:
  static Result<Regex> compile(std::string_view pattern) {
    const std::string expanded = with_white_space(pattern);
    int error = 0;
    PCRE2_SIZE offset = 0;
    CodePtr code(pcre2_compile(code_units(expanded), expanded.size(), PCRE2_UTF | PCRE2_UCP, &error,
                               &offset, nullptr));
    if (!code)
      return fail(ErrorCode::failed,
                  fmt::format("pre-tokenizer: '{}' does not compile: error {} at {}", pattern,
                              error, offset));
    pcre2_jit_compile(code.get(), PCRE2_JIT_COMPLETE);  // without it the interpreter runs
    return Regex(std::move(code));
  }

  // 1: a match, whose range is set. 0: none. Negative: PCRE2's error.
  int find(std::string_view text, std::size_t from, Scratch& scratch, std::size_t& begin,
           std::size_t& end) const {
    const int n = pcre2_match(code_.get(), code_units(text), text.size(), from, PCRE2_NO_UTF_CHECK,
                              scratch.data.get(), scratch.context.get());
    if (n == PCRE2_ERROR_NOMATCH) return 0;
    if (n < 0) return n;
    const PCRE2_SIZE* range = pcre2_get_ovector_pointer(scratch.data.get());
    begin = range[0];
    end = range[1];
    return 1;
  }

 private:
  explicit Regex(CodePtr code) : code_(std::move(code)) {}
  CodePtr code_;
};

PreTokenizer::PreTokenizer(const PreTokenizerRow& row) : row_(&row) {}
PreTokenizer::PreTokenizer(PreTokenizer&&) noexcept = default;
PreTokenizer& PreTokenizer::operator=(PreTokenizer&&) noexcept = default;
PreTokenizer::~PreTokenizer() = default;

Result<PreTokenizer> PreTokenizer::create(std::string_view name) {
  const std::span<const PreTokenizerRow> table = pre_tokenizer_table();
  const std::string_view wanted = name.empty() ? "default" : name;
  const auto row = std::find_if(table.begin(), table.end(),
                                [&](const PreTokenizerRow& r) { return r.name == wanted; });
  if (row == table.end())
    return fail(ErrorCode::model, fmt::format("tokenizer.ggml.pre: {} is not a known pre-tokenizer",
                                              quoted(name, 64)));
  PreTokenizer result(*row);
  for (const std::string_view pattern : row->patterns) {
    Result<Regex> regex = Regex::compile(pattern);
    if (!regex) return fail(regex);
    result.regexes_.push_back(std::move(*regex));
  }
  return result;
}

Status PreTokenizer::cut(const Regex& regex, Scratch& scratch, std::string_view piece,
                         EncodeBudget* budget, std::vector<std::string_view>& out) {
  std::size_t done = 0;
  while (done < piece.size()) {
    if (budget != nullptr && !budget->spend(1)) return budget->status();
    std::size_t begin = 0, end = 0;
    const int found = regex.find(piece, done, scratch, begin, end);
    if (found < 0)
      return fail(
          ErrorCode::limit,
          fmt::format("pre-tokenizer: text of {} bytes needs more than {} steps (PCRE2 error {})",
                      piece.size(), k_match_limit, found));
    if (found == 0 || begin == end) break;
    if (begin > done) out.push_back(piece.substr(done, begin - done));
    out.push_back(piece.substr(begin, end - begin));
    done = end;
  }
  if (done < piece.size()) out.push_back(piece.substr(done));
  return {};
}

Result<std::vector<std::string_view>> PreTokenizer::split(std::string_view text,
                                                          EncodeBudget* budget) const {
  Scratch scratch;
  if (!scratch.ready()) return fail(ErrorCode::limit, "pre-tokenizer: out of memory");
  std::vector<std::string_view> pieces{text}, cut_pieces;
  for (const Regex& regex : regexes_) {
    cut_pieces.clear();
    for (const std::string_view piece : pieces)
      if (Status s = cut(regex, scratch, piece, budget, cut_pieces); !s) return fail(s);
    pieces.swap(cut_pieces);
  }
  return pieces;
}

}  // namespace tenon
