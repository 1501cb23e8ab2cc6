// tenon help [COMMAND].
#include <iostream>

#include "host/cli/options.hpp"

namespace tenon::cli {
namespace {

struct HelpFlags {
  std::string command;
};

Syntax syntax(HelpFlags& o) {
  Syntax s{"tenon help [COMMAND]", "", po::options_description("", 100), {{"command", 1}}};
  s.flags.add_options()("command", po::value(&o.command)->value_name("COMMAND"), "its flags")(
      "help,h", "this help");
  return s;
}

void print_overview() {
  std::cout << "tenon: runs large language models on plugin backends\n\nusage: tenon COMMAND …\n\n";
  for (const Command& c : all_commands())
    std::cout << "  " << c.name << std::string(13 - c.name.size(), ' ') << c.summary << '\n';
  std::cout
      << "\n`tenon help COMMAND` shows its flags; `tenon --version` the version.\n"
         "stdout is the answer, stderr everything else. Exit codes: 0 done, 1 failed, 2 usage,\n"
         "3 model file, 4 no backend or plugin, 5 limit, 6 gate, 130 interrupted.\n";
}

}  // namespace

Syntax help_syntax() { return described(syntax); }

Status help_command(const Arguments& arguments) {
  HelpFlags o;
  Syntax s = syntax(o);
  const auto parsed = parse(arguments, s);
  if (!parsed) return fail(parsed);
  if (parsed->help_shown) return {};
  if (o.command.empty()) return print_overview(), Status();
  if (const Command* command = find_command(o.command)) return command->run({"--help"});
  return no_such_command(o.command);
}

}  // namespace tenon::cli
