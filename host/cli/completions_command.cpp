// tenon completions SHELL: a script made from the table of commands and their flags.
#include <array>
#include <iostream>

#include "host/cli/options.hpp"

namespace tenon::cli {
namespace {

struct Flag {
  std::string name, letter;  // "prompt", "p" or ""
  std::string value;         // "TEXT"; "" when it takes none
  std::string description;
};

// Values that a flag or an argument may have, where they are few.
struct Choices {
  std::string_view name, words;
};
constexpr auto k_choices = std::to_array<Choices>({
    {"color", "auto always never"},
    {"cache-type", "f16 f32 q8_0"},
    {"backend", "auto cpu cpu/reference cpu/baseline cpu/avx2 cpu/avx512vnni"},
    {"shell", "bash zsh fish"},
});

struct CompletionFlags {
  std::string shell;
};

Syntax syntax(CompletionFlags& o) {
  Syntax s{"tenon completions (bash | zsh | fish)",
           "  source <(tenon completions bash)                                     # bash, now\n"
           "  tenon completions zsh > \"${fpath[1]}/_tenon\"                         # zsh\n"
           "  tenon completions fish > ~/.config/fish/completions/tenon.fish       # fish\n",
           po::options_description("", 100),
           {{"shell", 1}}};
  s.flags.add_options()("shell", po::value(&o.shell)->value_name("SHELL"), "bash, zsh or fish")(
      "help,h", "this help");
  return s;
}

bool is_positional(const Syntax& s, const std::string& name) {
  for (const auto& [positional, count] : s.positional)
    if (positional == name) return true;
  return false;
}

std::vector<Flag> flags_of(const Command& command) {
  std::vector<Flag> flags;
  const Syntax s = command.syntax();
  for (const auto& option : s.flags.options()) {
    if (is_positional(s, option->long_name())) continue;
    const std::string shown =
        option->canonical_display_name(po::command_line_style::allow_dash_for_short);
    const bool lettered = shown.size() == 2 && shown[0] == '-' && shown[1] != '-';
    const auto& semantic = *option->semantic();
    flags.push_back({option->long_name(), lettered ? shown.substr(1) : "",
                     semantic.max_tokens() > 0 ? semantic.name() : "", option->description()});
  }
  return flags;
}

std::string command_names() {
  std::string names;
  for (const Command& c : all_commands()) names += (names.empty() ? "" : " ") + std::string(c.name);
  return names;
}

// "" when any text will do.
std::string choices(const std::string& name) {
  if (name == "command") return command_names();
  for (const Choices& c : k_choices)
    if (c.name == name) return std::string(c.words);
  return {};
}

// The words that the argument of a command may be; "" when it is a file or a text.
std::string argument_choices(const Command& command) {
  const Syntax s = command.syntax();
  return s.positional.empty() ? "" : choices(s.positional[0].first);
}

bool is_file(const std::string& value) { return value == "FILE" || value == "MODEL"; }

std::string replaced(std::string text, char what, std::string_view with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, 1, with);
  return text;
}

std::string quoted(const std::string& text) { return "'" + replaced(text, '\'', "'\\''") + "'"; }

// --- bash ----------------------------------------------------------------------------------------
void bash_command(const Command& command) {
  std::string words;
  std::cout << "    " << command.name << ")\n      case \"$previous\" in\n";
  for (const Flag& f : flags_of(command)) {
    const std::string spelt = "--" + f.name + (f.letter.empty() ? "" : " -" + f.letter);
    words += (words.empty() ? "" : " ") + spelt;
    if (f.value.empty()) continue;
    const std::string list = choices(f.name);
    std::cout << "        " << replaced(spelt, ' ', "|") << ") "
              << (is_file(f.value) ? "COMPREPLY=($(compgen -f -- \"$word\"))"
                                   : "COMPREPLY=($(compgen -W \"" + list + "\" -- \"$word\"))")
              << "; return ;;\n";
  }
  std::cout << "      esac\n      flags=\"" << words << "\" arguments=\""
            << argument_choices(command) << "\" ;;\n";
}

void bash() {
  std::cout
      << "# bash completion for tenon\n_tenon() {\n"
         "  local word=\"${COMP_WORDS[COMP_CWORD]}\" previous=\"${COMP_WORDS[COMP_CWORD-1]}\"\n"
         "  local flags=\"\" arguments=\"\"\n  COMPREPLY=()\n"
         "  if ((COMP_CWORD == 1)); then\n    COMPREPLY=($(compgen -W \""
      << command_names()
      << " --help --version\" -- \"$word\"))\n    return\n  fi\n"
         "  case \"${COMP_WORDS[1]}\" in\n";
  for (const Command& c : all_commands()) bash_command(c);
  std::cout
      << "  esac\n"
         "  if [[ $word == -* ]]; then COMPREPLY=($(compgen -W \"$flags\" -- \"$word\"))\n"
         "  elif [[ -n $arguments ]]; then COMPREPLY=($(compgen -W \"$arguments\" -- \"$word\"))\n"
         "  else COMPREPLY=($(compgen -f -- \"$word\")); fi\n}\n"
         "complete -o filenames -F _tenon tenon\n";
}

// --- zsh -----------------------------------------------------------------------------------------
std::string zsh_text(const std::string& text) {
  return replaced(replaced(replaced(text, '[', "\\["), ']', "\\]"), ':', "\\:");
}

std::string zsh_value(const Flag& f) {
  if (f.value.empty()) return "";
  const std::string list = choices(f.name);
  return ":" + zsh_text(f.value) + ":" +
         (is_file(f.value) ? "_files"
          : list.empty()   ? ""
                           : "(" + list + ")");
}

void zsh_command(const Command& command) {
  std::cout << "    " << command.name << ")\n      _arguments \\\n";
  for (const Flag& f : flags_of(command))
    for (const std::string& spelt : {"--" + f.name, "-" + f.letter})
      if (spelt.size() > 1)
        std::cout << "        "
                  << quoted("*" + spelt + "[" + zsh_text(f.description) + "]" + zsh_value(f))
                  << " \\\n";
  const std::string list = argument_choices(command);
  std::cout << "        " << quoted("*:argument:" + (list.empty() ? "_files" : "(" + list + ")"))
            << " ;;\n";
}

void zsh() {
  std::cout << "#compdef tenon\n_tenon() {\n  local -a commands=(\n";
  for (const Command& c : all_commands())
    std::cout << "    " << quoted(std::string(c.name) + ":" + zsh_text(std::string(c.summary)))
              << '\n';
  std::cout << "  )\n  if ((CURRENT == 2)); then _describe command commands; return; fi\n"
               "  local command=$words[2]\n  shift words\n  ((CURRENT--))\n  case $command in\n";
  for (const Command& c : all_commands()) zsh_command(c);
  std::cout << "  esac\n}\nif [[ $funcstack[1] == _tenon ]]; then _tenon \"$@\"; else compdef "
               "_tenon tenon; fi\n";
}

// --- fish ----------------------------------------------------------------------------------------
void fish_command(const Command& command) {
  const std::string name(command.name);
  const std::string start = "complete -c tenon -n '__fish_seen_subcommand_from " + name + "' ";
  std::cout << "complete -c tenon -n __fish_use_subcommand -f -a " << name << " -d "
            << quoted(std::string(command.summary)) << '\n';
  for (const Flag& f : flags_of(command)) {
    const std::string list = choices(f.name);
    std::cout << start << "-l " << f.name << (f.letter.empty() ? "" : " -s " + f.letter)
              << (f.value.empty()    ? ""
                  : is_file(f.value) ? " -r -F"
                                     : " -x")
              << (list.empty() ? "" : " -a " + quoted(list)) << " -d " << quoted(f.description)
              << '\n';
  }
  const std::string list = argument_choices(command);
  if (!list.empty()) std::cout << start << "-f -a " << quoted(list) << '\n';
}

void fish() {
  std::cout << "# fish completion for tenon\n";
  for (const Command& c : all_commands()) fish_command(c);
}

struct Shell {
  std::string_view name;
  void (*print)();
};
constexpr auto k_shells = std::to_array<Shell>({{"bash", bash}, {"zsh", zsh}, {"fish", fish}});

}  // namespace

Syntax completions_syntax() { return described(syntax); }

Status completions_command(const Arguments& arguments) {
  CompletionFlags o;
  Syntax s = syntax(o);
  const auto parsed = parse(arguments, s);
  if (!parsed) return fail(parsed);
  if (parsed->help_shown) return {};
  for (const Shell& shell : k_shells)
    if (shell.name == o.shell) return shell.print(), Status();
  return fail(ErrorCode::usage, o.shell.empty() ? "name a shell: bash, zsh or fish"
                                                : "there is no script for \"" + o.shell +
                                                      "\"; there are bash, zsh and fish");
}

}  // namespace tenon::cli
