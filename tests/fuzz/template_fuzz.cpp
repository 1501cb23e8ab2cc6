// Fuzzes chat templates: the input is a template, the conversation is fixed. No crash, no leak, and
// the budget is the oracle: what needs more time or memory than it promises is a crash.
#include <cstdint>
#include <cstdlib>
#include <ctime>

#include "framework/text/chat_template.hpp"
#include "tests/faults/models/heap_use.hpp"

namespace {

// Ten times what a release build may take: this one has sanitizers.
constexpr double k_max_seconds = 20;
constexpr std::size_t k_max_bytes = 2'560'000'000;

void require(bool holds) {
  if (!holds) std::abort();
}

bool one_short_line(const std::string& message) {
  for (const char c : message)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return false;
  return message.size() < 500;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using Json = nlohmann::ordered_json;
  const tenon::testing::HeapUse heap;
  const std::clock_t begin = std::clock();
  const auto parsed =
      tenon::ChatTemplate::parse(std::string(reinterpret_cast<const char*>(bytes), size));
  tenon::ChatInputs in;
  in.messages = Json::array({Json{{"role", "system"}, {"content", "Be brief."}},
                             Json{{"role", "user"}, {"content", "Hi \u4F60\u597D"}}});
  in.tools = Json::array({Json{{"name", "f"}, {"n", 1.5}}});
  in.bos_token = "<s>";
  in.now = 0;
  const auto prompt = parsed ? parsed->render(in) : tenon::fail(parsed);
  require(static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC < k_max_seconds);
  require(heap.peak() < k_max_bytes);
  if (!prompt) {
    require(one_short_line(prompt.error().message()));
    return 0;
  }
  require(prompt->steps <= in.limits.steps && prompt->peak_bytes <= in.limits.memory_bytes);
  require(prompt->text.size() <= in.limits.output_bytes);
  for (const tenon::TextRange& range : prompt->plain)
    require(range.begin < range.end && range.end <= prompt->text.size());
  return 0;
}
