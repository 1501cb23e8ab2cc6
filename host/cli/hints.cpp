// The flags behind the settings of the API.
#include "host/cli/hints.hpp"

#include <array>

#include "host/cli/printable.hpp"

namespace tenon::cli {
namespace {

struct Hint {
  Setting setting;
  std::string_view text;
};
constexpr auto k_hints = std::to_array<Hint>({
    {Setting::backend,
     "--backend, --gpu-layers and --place choose; `tenon devices` and `tenon plugins` list what "
     "there is"},
    {Setting::context, "-c sets the context"},
    {Setting::cache_type, "--cache-type takes f16, f32 or q8_0"},
    {Setting::kernel, "--kernel sets the rules; `tenon plugins` lists what is loaded"},
    {Setting::chat_template, "--raw sends the prompt as it is"},
});

}  // namespace

std::string explained(const Error& error) {
  const std::string message = printable_lines(error.message());  // it may quote a file
  for (const Hint& hint : k_hints)
    if (hint.setting == error.setting())
      return message + (message.find('\n') == std::string::npos ? " (" : "\n(") +
             std::string(hint.text) + ")";
  return message;
}

}  // namespace tenon::cli
