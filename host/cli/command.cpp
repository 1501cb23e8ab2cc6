// The table of commands, and suggestions for words that are not in it.
#include "host/cli/command.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace tenon::cli {
namespace {

constexpr std::array<Command, 8> k_commands = {{
    {"run", "Answer a prompt, streaming", run_command},
    {"logits", "Write the logits of every position to a .npy file", logits_command},
    {"tokenize", "Text to token ids", tokenize_command},
    {"inspect", "What is in a model file", inspect_command},
    {"plugins", "Plugins found, what they offer, why some are refused", plugins_command},
    {"devices", "Devices of every backend", devices_command},
    {"plan", "Memory, placement and kernel of every node, and why", plan_command},
    {"help", "Help for a command", help_command},
}};

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
  std::size_t distance = word.size() / 2 + 2;
  for (const std::string& c : candidates)
    if (const std::size_t d = edit_distance(word, c); d < distance) {
      distance = d;
      best = c;
    }
  return best;
}

}  // namespace tenon::cli
