// The pre-tokenizers as data: a new family is one row. The expressions are those of the models' own
// tokenizer.json files; \s stands for Unicode White_Space.
#include <algorithm>
#include <array>

#include "framework/text/tokenizer/pre_tokenizer.hpp"

namespace tenon {
namespace {

using Patterns = std::string_view[];

// The parts one after the other, at compile time.
template <const std::string_view&... Parts>
struct Join {
  static constexpr auto chars = [] {
    std::array<char, (Parts.size() + ...)> all{};
    char* at = all.data();
    ((at = std::copy(Parts.begin(), Parts.end(), at)), ...);
    return all;
  }();
  static constexpr std::string_view value{chars.data(), chars.size()};
};
template <const std::string_view&... Parts>
constexpr std::string_view k_join = Join<Parts...>::value;

// Parts that several families share.
using Part = std::string_view;
constexpr Part k_or = "|";
constexpr Part k_maybe_begin = "(?:", k_maybe_end = ")?";
constexpr Part k_contractions = R"('[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])";
constexpr Part k_spaces = R"(\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr Part k_letters = R"([^\r\n\p{L}\p{N}]?\p{L}+)";
constexpr Part k_letters_marks = R"([^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+)";
constexpr Part k_symbols_no_marks = R"( ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*)";
constexpr Part k_digit = R"(\p{N})", k_three_digits = R"(\p{N}{1,3})";
constexpr Part k_symbols = R"( ?[^\s\p{L}\p{N}]+[\r\n]*)";
constexpr Part k_symbols_slash = R"( ?[^\s\p{L}\p{N}]+[\r\n/]*)";
// Words that change from upper to lower case once.
constexpr Part k_cased =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+)";
constexpr Part k_capitals =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*)";
constexpr Part k_maybe_contraction = k_join<k_maybe_begin, k_contractions, k_maybe_end>;
constexpr Part k_gpt2_words =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
constexpr Part k_deepseek3_words =
    R"([!-/:-@\[-`{-~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*)";

constexpr Patterns k_default = {R"([\p{P}$+<=>^~|]+)", k_gpt2_words, R"(\p{N}+)",
                                "[0-9][0-9][0-9]"};
constexpr Patterns k_gpt2 = {k_gpt2_words};
constexpr Patterns k_single_digits = {k_digit, k_gpt2_words};
constexpr Patterns k_llama3 = {
    k_join<k_contractions, k_or, k_letters, k_or, k_three_digits, k_or, k_symbols, k_or, k_spaces>};
constexpr Patterns k_qwen2 = {
    k_join<k_contractions, k_or, k_letters, k_or, k_digit, k_or, k_symbols, k_or, k_spaces>};
constexpr Patterns k_qwen35 = {k_join<k_contractions, k_or, k_letters_marks, k_or, k_digit, k_or,
                                      k_symbols_no_marks, k_or, k_spaces>};
constexpr Patterns k_falcon = {R"([\p{P}$+<=>^~|`]+)", k_gpt2_words, "[0-9][0-9][0-9]"};
constexpr Patterns k_tekken = {
    k_join<k_cased, k_or, k_capitals, k_or, k_digit, k_or, k_symbols_slash, k_or, k_spaces>};
constexpr Patterns k_gpt4o = {
    k_join<k_cased, k_maybe_contraction, k_or, k_capitals, k_maybe_contraction, k_or,
           k_three_digits, k_or, k_symbols_slash, k_or, k_spaces>};
constexpr Patterns k_deepseek_coder = {R"([\r\n])", R"(\s?\p{L}+)", R"(\s?\p{P}+)",
                                       R"([\x{0800}-\x{9FA5}\x{AC00}-\x{D7FF}]+)", k_digit};
constexpr Patterns k_deepseek3 = {k_three_digits, R"([\x{4E00}-\x{9FA5}\x{3040}-\x{30FF}]+)",
                                  k_join<k_deepseek3_words, k_or, k_spaces>};
// The list of letters is the file's own: cased letters, with gaps.
constexpr Patterns k_deepseek_llm = {
    R"([\r\n])",
    R"(\s?[A-Za-z\x{B5}\x{C0}-\x{D6}\x{D8}-\x{F6}\x{F8}-\x{1BA}\x{1BC}-\x{1BF}\x{1C4}-\x{293})"
    R"(\x{295}-\x{2AF}\x{370}-\x{373}\x{376}\x{377}\x{37B}-\x{37D}\x{37F}\x{386})"
    R"(\x{388}-\x{38A}\x{38C}\x{38E}-\x{3A1}\x{3A3}-\x{3F5}\x{3F7}-\x{481}\x{48A}-\x{52F})"
    R"(\x{531}-\x{556}\x{10A0}-\x{10C5}\x{13A0}-\x{13F5}\x{13F8}-\x{13FD}\x{1C90}-\x{1CBA})"
    R"(\x{1CBD}-\x{1CBF}\x{1D00}-\x{1D2B}\x{1D6B}-\x{1D77}\x{1D79}-\x{1D9A})"
    R"(\x{1E00}-\x{1F15}\x{1F18}-\x{1F1D}\x{1F20}-\x{1F45}\x{1F48}-\x{1F4D})"
    R"(\x{1F50}-\x{1F57}\x{1F59}\x{1F5B}\x{1F5D}\x{1F5F}-\x{1F7D}\x{1F80}-\x{1FB4})"
    R"(\x{1FB6}-\x{1FBC}\x{1FBE}\x{1FC2}-\x{1FC4}\x{1FC6}-\x{1FCC}\x{1FD0}-\x{1FD3})"
    R"(\x{1FD6}-\x{1FDB}\x{1FE0}-\x{1FEC}\x{1FF2}-\x{1FF4}\x{1FF6}-\x{1FFC}\x{2102}\x{2107})"
    R"(\x{210A}-\x{2113}\x{2115}\x{2119}-\x{211D}\x{2124}\x{2126}\x{2128}\x{212A}-\x{212D})"
    R"(\x{212F}-\x{2134}\x{2139}\x{213C}-\x{213F}\x{2145}-\x{2149}\x{214E}\x{2183}\x{2184})"
    R"(\x{2C00}-\x{2C7B}\x{2C7E}-\x{2CE4}\x{2CEB}-\x{2CEE}\x{2CF2}\x{2CF3}\x{A640}-\x{A66D})"
    R"(\x{A680}-\x{A69B}\x{A722}-\x{A76F}\x{A771}-\x{A787}\x{A78B}-\x{A78E})"
    R"(\x{AB70}-\x{ABBF}\x{FB00}-\x{FB06}\x{FB13}-\x{FB17}\x{FF21}-\x{FF3A})"
    R"(\x{FF41}-\x{FF5A}\x{10400}-\x{1044F}\x{104B0}-\x{104D3}\x{104D8}-\x{104FB})"
    R"(\x{10C80}-\x{10CB2}\x{10CC0}-\x{10CF2}\x{118A0}-\x{118DF}\x{1E900}-\x{1E943}]+)",
    R"(\s?[!-/:-~\x{FF01}-\x{FF0F}\x{FF1A}-\x{FF5E}\x{2018}-\x{201F}\x{3000}-\x{3002}]+)",
    R"((?<!\s)\s++\z)",  // \s+$ without its quadratic retries
    R"([\x{0800}-\x{9FA5}\x{AC00}-\x{D7FF}]+)",
    R"(\p{N}+)"};

constexpr PreTokenizerRow k_rows[] = {
    {.name = "default", .patterns = k_default},
    {.name = "gpt-2", .patterns = k_gpt2},
    {.name = "phi-2", .patterns = k_gpt2},
    {.name = "mpt", .patterns = k_gpt2, .nfc = true},
    {.name = "olmo", .patterns = k_gpt2, .nfc = true},
    {.name = "jais", .patterns = k_gpt2},
    {.name = "exaone4", .patterns = k_gpt2},
    {.name = "modern-bert", .patterns = k_gpt2},
    {.name = "granite-docling", .patterns = k_gpt2},
    {.name = "smollm", .patterns = k_single_digits},
    {.name = "starcoder", .patterns = k_single_digits},
    {.name = "refact", .patterns = k_single_digits},
    {.name = "command-r", .patterns = k_single_digits, .nfc = true},
    {.name = "codeshell", .patterns = k_single_digits},
    {.name = "exaone", .patterns = k_single_digits},
    {.name = "minerva-7b", .patterns = k_single_digits},
    {.name = "llama-bpe", .patterns = k_llama3, .whole_words = true, .add_bos = true},
    {.name = "llama3", .patterns = k_llama3, .whole_words = true, .add_bos = true},
    {.name = "llama-v3", .patterns = k_llama3, .whole_words = true, .add_bos = true},
    {.name = "falcon3", .patterns = k_llama3, .whole_words = true, .add_bos = true},
    {.name = "pixtral", .patterns = k_llama3, .whole_words = true, .add_bos = true},
    {.name = "lfm2", .patterns = k_llama3, .whole_words = true, .add_bos = true},
    {.name = "dbrx", .patterns = k_llama3},
    {.name = "smaug-bpe", .patterns = k_llama3},
    {.name = "chatglm-bpe", .patterns = k_llama3},
    {.name = "glm4", .patterns = k_llama3},
    {.name = "qwen2", .patterns = k_qwen2, .nfc = true},
    {.name = "deepseek-r1-qwen", .patterns = k_qwen2},
    {.name = "stablelm2", .patterns = k_qwen2},
    {.name = "megrez", .patterns = k_qwen2},
    {.name = "hunyuan", .patterns = k_qwen2},
    {.name = "qwen35", .patterns = k_qwen35},
    {.name = "falcon", .patterns = k_falcon},
    {.name = "tekken", .patterns = k_tekken, .whole_words = true, .add_bos = true},
    {.name = "gpt-4o", .patterns = k_gpt4o},
    {.name = "llama4", .patterns = k_gpt4o},
    {.name = "deepseek-llm", .patterns = k_deepseek_llm},
    {.name = "deepseek-coder", .patterns = k_deepseek_coder},
    {.name = "deepseek-v3", .patterns = k_deepseek3},
    {.name = "hunyuan-dense", .patterns = k_deepseek3},
};

}  // namespace

std::span<const PreTokenizerRow> pre_tokenizer_table() { return k_rows; }

}  // namespace tenon
