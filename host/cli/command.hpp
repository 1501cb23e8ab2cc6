// Command: one subcommand of `tenon`; each lives in a file of its own.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "framework/include/tenon/result.hpp"

namespace tenon::cli {

using Arguments = std::vector<std::string>;

struct Command {
  std::string_view name;
  std::string_view summary;
  Status (*run)(const Arguments& arguments);
};

// In the order of `tenon help`.
std::span<const Command> all_commands();
const Command* find_command(std::string_view name);

// The candidate nearest to a misspelt word, "" if none is near.
std::string nearest(std::string_view word, std::span<const std::string> candidates);

Status run_command(const Arguments& arguments);
Status logits_command(const Arguments& arguments);
Status tokenize_command(const Arguments& arguments);
Status inspect_command(const Arguments& arguments);
Status plugins_command(const Arguments& arguments);
Status devices_command(const Arguments& arguments);
Status plan_command(const Arguments& arguments);
Status help_command(const Arguments& arguments);

}  // namespace tenon::cli
