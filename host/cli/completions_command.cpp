// tenon completions SHELL: a script made from the table of commands, their flags and the plugins.
#include <algorithm>
#include <array>
#include <iostream>
#include <map>

#include "framework/include/tenon/plugins.hpp"
#include "host/cli/command.hpp"

namespace tenon::cli {
namespace {

struct CompletionsOptions {
  std::string shell;
};

Syntax syntax(CompletionsOptions& o) {
  return {.usage = "tenon completions (bash | zsh | fish)",
          .examples =
              "  source <(tenon completions bash)                                     # bash, now\n"
              "  tenon completions zsh > \"${fpath[1]}/_tenon\"                         # zsh\n"
              "  tenon completions fish > ~/.config/fish/completions/tenon.fish       # fish\n",
          .arguments = {{"shell", &o.shell, "SHELL", "bash, zsh or fish", "bash zsh fish"}},
          .required = 1,
          .groups = {}};
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string command_names() {
  std::vector<std::string> names;
  for (const Command* c : all_commands()) names.emplace_back(c->name);
  return joined(names);
}

// What --backend takes on this machine; a script made today knows today's plugins.
std::string backend_names() {
  std::vector<std::string> names = {"auto"};
  const auto add = [&](const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  const auto devices = list_devices({});
  if (!devices) return joined(names);
  for (const ListedDevice& d : *devices) {
    if (!d.unusable.empty()) continue;
    add(d.backend);
    for (const std::string& pack : d.packs) add(d.backend + "/" + pack);
    if (d.index) add(d.backend + "/" + std::to_string(*d.index));
  }
  return joined(names);
}

// The words that a value may be, by what help calls it.
using Words = std::map<std::string, std::string>;

Words known_words() {
  return {{"BACKEND", backend_names()}, {"COMMAND", command_names()}, {"TYPE", "f16 f32 q8_0"}};
}

struct Completion {
  std::string name, letter;  // "prompt", "p" or ""
  std::string value;         // "TEXT"; "" when it takes none
  std::string help;
  std::string words;  // what the value may be; "": any text
  bool is_file = false;
};

struct CommandCompletions {
  std::string name, summary;
  std::vector<Completion> flags;
  std::string arguments;  // what the first argument may be; "": a file or a text
};
using Table = std::vector<CommandCompletions>;

Completion completion_of(const Flag& f, const Words& words) {
  const auto known = words.find(f.value);
  return {long_name(f),
          letter(f),
          f.value,
          f.help,
          known == words.end() ? f.words : known->second,
          f.value == "FILE" || f.value == "MODEL"};
}

Table all_completions() {
  const Words words = known_words();
  Table table;
  for (const Command* c : all_commands()) {
    CommandCompletions row{std::string(c->name), std::string(c->summary), {}, {}};
    const Syntax s = c->syntax();
    for (const Flag& f : all_flags(s)) row.flags.push_back(completion_of(f, words));
    if (!s.arguments.empty()) row.arguments = completion_of(s.arguments[0], words).words;
    table.push_back(std::move(row));
  }
  return table;
}

std::string replaced(std::string text, char what, std::string_view with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, 1, with);
  return text;
}

std::string quoted(const std::string& text) { return "'" + replaced(text, '\'', "'\\''") + "'"; }

void bash_command(const CommandCompletions& command) {
  std::string words;
  std::cout << "    " << command.name << ")\n      case \"$previous\" in\n";
  for (const Completion& f : command.flags) {
    const std::string spelt = "--" + f.name + (f.letter.empty() ? "" : " -" + f.letter);
    words += (words.empty() ? "" : " ") + spelt;
    if (f.value.empty()) continue;
    std::cout << "        " << replaced(spelt, ' ', "|") << ") COMPREPLY=($(compgen "
              << (f.is_file ? "-f" : "-W \"" + f.words + "\"") << " -- \"$word\")); return ;;\n";
  }
  std::cout << "      esac\n      flags=\"" << words << "\" arguments=\"" << command.arguments
            << "\" ;;\n";
}

void bash(const Table& table) {
  std::cout
      << "# bash completion for tenon\n_tenon() {\n"
         "  local word=\"${COMP_WORDS[COMP_CWORD]}\" previous=\"${COMP_WORDS[COMP_CWORD-1]}\"\n"
         "  local flags=\"\" arguments=\"\"\n  COMPREPLY=()\n"
         "  if ((COMP_CWORD == 1)); then\n    COMPREPLY=($(compgen -W \""
      << command_names()
      << " --help --version\" -- \"$word\"))\n    return\n  fi\n"
         "  case \"${COMP_WORDS[1]}\" in\n";
  for (const CommandCompletions& c : table) bash_command(c);
  std::cout
      << "  esac\n"
         "  if [[ $word == -* ]]; then COMPREPLY=($(compgen -W \"$flags\" -- \"$word\"))\n"
         "  elif [[ -n $arguments ]]; then COMPREPLY=($(compgen -W \"$arguments\" -- \"$word\"))\n"
         "  else COMPREPLY=($(compgen -f -- \"$word\")); fi\n}\n"
         "complete -o filenames -F _tenon tenon\n";
}

std::string zsh_text(const std::string& text) {
  return replaced(replaced(replaced(text, '[', "\\["), ']', "\\]"), ':', "\\:");
}

std::string zsh_value(const Completion& f) {
  if (f.value.empty()) return "";
  const std::string list = f.words.empty() ? "" : "(" + f.words + ")";
  return ":" + zsh_text(f.value) + ":" + (f.is_file ? "_files" : list);
}

void zsh_command(const CommandCompletions& command) {
  std::cout << "    " << command.name << ")\n      _arguments \\\n";
  for (const Completion& f : command.flags)
    for (const std::string& spelt : {"--" + f.name, "-" + f.letter})
      if (spelt.size() > 1)
        std::cout << "        " << quoted("*" + spelt + "[" + zsh_text(f.help) + "]" + zsh_value(f))
                  << " \\\n";
  const std::string list = command.arguments.empty() ? "_files" : "(" + command.arguments + ")";
  std::cout << "        " << quoted("*:argument:" + list) << " ;;\n";
}

void zsh(const Table& table) {
  std::cout << "#compdef tenon\n_tenon() {\n  local -a commands=(\n";
  for (const CommandCompletions& c : table)
    std::cout << "    " << quoted(c.name + ":" + zsh_text(c.summary)) << '\n';
  std::cout << "  )\n  if ((CURRENT == 2)); then _describe command commands; return; fi\n"
               "  local command=$words[2]\n  shift words\n  ((CURRENT--))\n  case $command in\n";
  for (const CommandCompletions& c : table) zsh_command(c);
  std::cout << "  esac\n}\nif [[ $funcstack[1] == _tenon ]]; then _tenon \"$@\"; else compdef "
               "_tenon tenon; fi\n";
}

void fish_command(const CommandCompletions& command) {
  const std::string start =
      "complete -c tenon -n '__fish_seen_subcommand_from " + command.name + "' ";
  std::cout << "complete -c tenon -n __fish_use_subcommand -f -a " << command.name << " -d "
            << quoted(command.summary) << '\n';
  for (const Completion& f : command.flags) {
    const std::string takes = f.value.empty() ? "" : f.is_file ? " -r -F" : " -x";
    std::cout << start << "-l " << f.name << (f.letter.empty() ? "" : " -s " + f.letter) << takes
              << (f.words.empty() ? "" : " -a " + quoted(f.words)) << " -d " << quoted(f.help)
              << '\n';
  }
  if (!command.arguments.empty())
    std::cout << start << "-f -a " << quoted(command.arguments) << '\n';
}

void fish(const Table& table) {
  std::cout << "# fish completion for tenon\n";
  for (const CommandCompletions& c : table) fish_command(c);
}

struct Shell {
  std::string_view name;
  void (*print)(const Table& table);
};
constexpr auto k_shells = std::to_array<Shell>({{"bash", bash}, {"zsh", zsh}, {"fish", fish}});

Status run(CompletionsOptions& o) {
  for (const Shell& shell : k_shells)
    if (shell.name == o.shell) shell.print(all_completions());
  return {};
}

}  // namespace

extern const Command k_completions = command<CompletionsOptions, syntax, run>(
    "completions", "Completion script for bash, zsh or fish");

}  // namespace tenon::cli
