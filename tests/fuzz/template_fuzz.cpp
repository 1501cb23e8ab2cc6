// Fuzzes chat templates: the input is a template, the conversation is fixed.
// No crash, no hang, no leak.
#include <cstdint>

#include "framework/text/chat_template.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using Json = nlohmann::ordered_json;
  const auto parsed =
      tenon::ChatTemplate::parse(std::string(reinterpret_cast<const char*>(bytes), size));
  if (!parsed) return 0;
  tenon::ChatInputs in;
  in.messages = Json::array({Json{{"role", "system"}, {"content", "Be brief."}},
                             Json{{"role", "user"}, {"content", "Hi \u4F60\u597D"}}});
  in.tools = Json::array({Json{{"name", "f"}, {"n", 1.5}}});
  in.bos_token = "<s>";
  in.now = 0;
  const auto text = parsed->render(in);
  return text && text->size() > (4u << 20) ? -1 : 0;
}
