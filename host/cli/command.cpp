// The table of commands.
#include "host/cli/command.hpp"

#include <array>

namespace tenon::cli {

extern const Command k_run, k_chat, k_logits, k_tokenize, k_detokenize, k_template, k_inspect,
    k_plugins, k_devices, k_plan, k_bisect, k_replay, k_conform, k_make_model, k_completions,
    k_help;

namespace {

constexpr auto k_commands = std::to_array<const Command*>({
    &k_run,
    &k_chat,
    &k_logits,
    &k_tokenize,
    &k_detokenize,
    &k_template,
    &k_inspect,
    &k_plugins,
    &k_devices,
    &k_plan,
    &k_bisect,
    &k_replay,
    &k_conform,
    &k_make_model,
    &k_completions,
    &k_help,
});

}  // namespace

std::span<const Command* const> all_commands() { return k_commands; }

const Command* find_command(std::string_view name) {
  for (const Command* c : k_commands)
    if (c->name == name) return c;
  return nullptr;
}

tl::unexpected<Error> no_such_command(const std::string& name) {
  std::vector<std::string> names;
  for (const Command* c : k_commands) names.emplace_back(c->name);
  const std::string near = nearest(name, names);
  return fail(ErrorCode::usage,
              "there is no command \"" + name + "\"" +
                  (near.empty() ? "; see `tenon help`" : "; did you mean " + near + "?"));
}

}  // namespace tenon::cli
