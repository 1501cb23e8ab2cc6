// The table of commands, and suggestions for words that are not in it.
#include <algorithm>
#include <array>
#include <numeric>

#include "host/cli/options.hpp"

namespace tenon::cli {
namespace {

constexpr auto k_commands = std::to_array<Command>({
    {"run", "Answer a prompt, streaming", run_command, run_syntax},
    {"chat", "Talk with a model", chat_command, chat_syntax},
    {"logits", "Write the logits of every position to a .npy file", logits_command, logits_syntax},
    {"tokenize", "Text to token ids", tokenize_command, tokenize_syntax},
    {"detokenize", "Token ids to text", detokenize_command, detokenize_syntax},
    {"template", "The prompt that the chat template makes", template_command, template_syntax},
    {"inspect", "What is in a model file", inspect_command, inspect_syntax},
    {"plugins", "Plugins found, what they offer, why some are refused", plugins_command,
     plugins_syntax},
    {"devices", "Devices of every backend", devices_command, devices_syntax},
    {"plan", "Memory, placement and kernel of every node, and why", plan_command, plan_syntax},
    {"completions", "Completion script for bash, zsh or fish", completions_command,
     completions_syntax},
    {"help", "Help for a command", help_command, help_syntax},
});

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t above = row[j + 1];
      row[j + 1] = std::min({above + 1, row[j] + 1, diagonal + (a[i] == b[j] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row.back();
}

}  // namespace

std::span<const Command> all_commands() { return k_commands; }

const Command* find_command(std::string_view name) {
  for (const Command& c : k_commands)
    if (c.name == name) return &c;
  return nullptr;
}

std::string nearest(std::string_view word, std::span<const std::string> candidates) {
  std::string best;
  std::size_t distance = word.size() / 3 + 2;
  for (const std::string& c : candidates)
    if (const std::size_t d = edit_distance(word, c); d < distance) {
      distance = d;
      best = c;
    }
  return best;
}

tl::unexpected<Error> no_such_command(const std::string& name) {
  std::vector<std::string> names;
  for (const Command& c : k_commands) names.emplace_back(c.name);
  const std::string near = nearest(name, names);
  return fail(ErrorCode::usage,
              "there is no command \"" + name + "\"" +
                  (near.empty() ? "; see `tenon help`" : "; did you mean " + near + "?"));
}

}  // namespace tenon::cli
