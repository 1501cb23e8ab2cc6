// Fuzzes encoding and decoding with a vocabulary made from the input: no crash, no hang, valid
// UTF-8 out, the same in parts as at once.
// Input: 1 byte kind and pre-tokenizer, 1 byte number of tokens,
// tokens and merges separated by '\n', then the text.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "framework/base/utf8.hpp"
#include "framework/text/stream/detokenizer.hpp"
#include "framework/text/stream/stop_matcher.hpp"
#include "framework/text/tokenizer/pre_tokenizer.hpp"

namespace {

std::string_view take_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return line;
}

// A row of the pre-tokenizers, or one of the kinds that have none, which use the upper bits.
void set_kind(tenon::VocabData& data, unsigned number) {
  const auto rows = tenon::pre_tokenizer_table();
  const bool raw = number & 0x40, flag = number & 1, other_flag = number & 2;
  data.model = number < 0x80 ? "gpt2" : raw ? "gemma4" : "llama";
  data.pre = rows[number % rows.size()].name;
  data.name = number & 4 ? "Phi-3" : "";
  if (number < 0x80) return;
  data.add_space_prefix = flag;
  data.remove_extra_whitespaces = other_flag;
}

tenon::VocabData vocab_from(std::string_view& rest) {
  tenon::VocabData data;
  const unsigned kind = static_cast<std::uint8_t>(rest[0]), n = static_cast<std::uint8_t>(rest[1]);
  set_kind(data, kind);
  rest.remove_prefix(2);
  for (unsigned i = 0; i < n; ++i) {
    const std::string_view line = take_line(rest);
    if (line.find(' ', 1) < line.size() - 1) data.merges.push_back(line);
    data.tokens.push_back(line);
    data.types.push_back(line.empty() ? 1 : line.starts_with("<0x") ? 6 : line[0] % 7);
    data.scores.push_back(line.empty() ? 0.0f : static_cast<float>(line.back()));
  }
  if (data.merges.empty()) data.merges = {"a b"};
  data.bos = data.eos = 0;
  data.add_bos = data.add_eos = true;
  return data;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size < 2) return 0;
  std::string_view rest(reinterpret_cast<const char*>(bytes), size);
  const tenon::VocabData data = vocab_from(rest);
  const tenon::Result<tenon::Tokenizer> tokenizer = tenon::Tokenizer::create(data);
  if (!tokenizer) return 0;
  tenon::StopMatcher stops({std::string(rest.substr(0, 3)), "ab"});
  for (const bool special : {false, true}) {
    const auto ids = tokenizer->encode(rest, {.add_special = special, .parse_special = special});
    if (!ids) continue;
    const std::string text = tenon::detokenize(*tokenizer, *ids, {.control_tokens = special});
    if (!tenon::utf8::is_valid(text)) std::abort();
    tenon::Detokenizer parts(*tokenizer, {.control_tokens = special, .at_start = true});
    std::string joined;
    for (const tenon::TokenId id : *ids) {
      const std::string part = parts.push(id);
      if (!tenon::utf8::is_valid(part)) std::abort();
      joined += part;
      stops.push(tokenizer->piece(id));
    }
    if (joined + parts.finish() != text) std::abort();
  }
  return 0;
}
