// tenon help [COMMAND].
#include <iostream>

#include "host/cli/command.hpp"

namespace tenon::cli {
namespace {

struct HelpOptions {
  std::string command;
};

Syntax syntax(HelpOptions& o) {
  return {.usage = "tenon help [COMMAND]",
          .examples = "",
          .arguments = {{"command", &o.command, "COMMAND", "the command whose flags to show"}},
          .groups = {}};
}

void print_overview() {
  std::cout << "tenon: runs large language models on plugin backends\n\nusage: tenon COMMAND …\n\n";
  for (const Command* c : all_commands())
    std::cout << "  " << c->name << std::string(13 - c->name.size(), ' ') << c->summary << '\n';
  std::cout
      << "\n`tenon help COMMAND` shows its flags; `tenon --version` the version.\n"
         "stdout is the answer, stderr everything else. Exit codes: 0 done, 1 failed, 2 usage,\n"
         "3 model file, 4 no backend or plugin, 5 limit, 6 gate, 130 interrupted.\n";
}

Status run(HelpOptions& o) {
  if (o.command.empty()) return print_overview(), Status();
  if (const Command* command = find_command(o.command)) return command->run({"--help"});
  return no_such_command(o.command);
}

}  // namespace

extern const Command k_help = command<HelpOptions, syntax, run>("help", "Help for a command");

}  // namespace tenon::cli
