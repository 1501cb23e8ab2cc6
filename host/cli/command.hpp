// Command: one subcommand of `tenon`; each lives in a file of its own.
#pragma once

#include <span>

#include "host/cli/options.hpp"

namespace tenon::cli {

struct Command {
  std::string_view name;
  std::string_view summary;
  Status (*run)(const Arguments& arguments);
  Syntax (*syntax)();  // its flags, for completions
};

// The row of a command whose options are a plain struct. `make_syntax` ties its fields to flags;
// `body` runs with the fields set. It is not called for --help, nor without a required argument.
template <class Options, Syntax (*make_syntax)(Options&), Status (*body)(Options&)>
constexpr Command command(std::string_view name, std::string_view summary) {
  return {name, summary,
          [](const Arguments& arguments) -> Status {
            Options options;
            const auto help_shown = parse(arguments, make_syntax(options));
            if (!help_shown) return fail(help_shown);
            return *help_shown ? Status() : body(options);
          },
          [] {
            const auto options = std::make_shared<Options>();
            Syntax syntax = make_syntax(*options);
            syntax.owner = options;
            return syntax;
          }};
}

// In the order of `tenon help`.
std::span<const Command* const> all_commands();
const Command* find_command(std::string_view name);
// ErrorCode::usage with the nearest right name.
tl::unexpected<Error> no_such_command(const std::string& name);

}  // namespace tenon::cli
