// Fuzzes encoding and decoding with a vocabulary made from the input: no crash, no hang, valid
// UTF-8 out.
//   input: 1 byte pre-tokenizer, 1 byte number of tokens, tokens and merges separated by '\n', then
//   the text
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "framework/text/detokenizer.hpp"
#include "framework/text/pre_tokenizer.hpp"
#include "framework/text/stop_matcher.hpp"
#include "framework/text/utf8.hpp"

namespace {

std::string_view take_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return line;
}

tenon::VocabData vocab_from(std::string_view& rest) {
  tenon::VocabData data;
  data.model = "gpt2";
  const auto rows = tenon::pre_tokenizer_table();
  data.pre = rows[static_cast<std::uint8_t>(rest[0]) % rows.size()].name;
  const unsigned n = static_cast<std::uint8_t>(rest[1]);
  rest.remove_prefix(2);
  for (unsigned i = 0; i < n; ++i) {
    const std::string_view line = take_line(rest);
    if (line.find(' ', 1) != std::string_view::npos) data.merges.push_back(line);
    data.tokens.push_back(line);
    data.types.push_back(line.empty() ? 1 : line[0] % 7);
  }
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
    for (const tenon::TokenId id : *ids) stops.push(tokenizer->piece(id));
  }
  return 0;
}
