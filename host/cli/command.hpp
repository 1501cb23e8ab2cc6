// Command: one subcommand of `tenon`; each lives in a file of its own.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "framework/include/tenon/result.hpp"

namespace tenon::cli {

using Arguments = std::vector<std::string>;

struct Syntax;  // options.hpp

struct Command {
  std::string_view name;
  std::string_view summary;
  Status (*run)(const Arguments& arguments);
  Syntax (*syntax)();  // its flags, for completions
};

// In the order of `tenon help`.
std::span<const Command> all_commands();
const Command* find_command(std::string_view name);
// ErrorCode::usage with the nearest right name.
tl::unexpected<Error> no_such_command(const std::string& name);

// The candidate nearest to a misspelt word, "" if none is near.
std::string nearest(std::string_view word, std::span<const std::string> candidates);

Status run_command(const Arguments& arguments);
Status logits_command(const Arguments& arguments);
Status tokenize_command(const Arguments& arguments);
Status detokenize_command(const Arguments& arguments);
Status template_command(const Arguments& arguments);
Status inspect_command(const Arguments& arguments);
Status plugins_command(const Arguments& arguments);
Status devices_command(const Arguments& arguments);
Status plan_command(const Arguments& arguments);
Status chat_command(const Arguments& arguments);
Status completions_command(const Arguments& arguments);
Status help_command(const Arguments& arguments);

Syntax run_syntax();
Syntax chat_syntax();
Syntax logits_syntax();
Syntax tokenize_syntax();
Syntax detokenize_syntax();
Syntax template_syntax();
Syntax inspect_syntax();
Syntax plugins_syntax();
Syntax devices_syntax();
Syntax plan_syntax();
Syntax completions_syntax();
Syntax help_syntax();

}  // namespace tenon::cli
