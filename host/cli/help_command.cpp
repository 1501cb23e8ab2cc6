// tenon help [COMMAND].
#include <iostream>

#include "host/cli/command.hpp"

namespace tenon::cli {

Status help_command(const Arguments& arguments) {
  if (!arguments.empty() && arguments[0] != "help") {
    const Command* command = find_command(arguments[0]);
    if (command == nullptr)
      return fail(ErrorCode::usage, "there is no command \"" + arguments[0] + "\"");
    return command->run({"--help"});
  }
  std::cout << "tenon: runs large language models on plugin backends\n\nusage: tenon COMMAND …\n\n";
  for (const Command& c : all_commands())
    std::cout << "  " << c.name << std::string(12 - c.name.size(), ' ') << c.summary << '\n';
  std::cout
      << "\n`tenon help COMMAND` shows its flags; `tenon --version` the version.\n"
         "stdout is the answer, stderr everything else. Exit codes: 0 done, 1 failed, 2 usage,\n"
         "3 model file, 4 no backend or plugin, 5 limit, 6 gate, 130 interrupted.\n";
  return {};
}

}  // namespace tenon::cli
