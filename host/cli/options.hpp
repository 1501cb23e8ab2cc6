// Options are plain structs; flags are what people type. Tables of flags tie the two together.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "framework/include/tenon/result.hpp"

namespace tenon::cli {

using Arguments = std::vector<std::string>;

// Where the value of a flag goes. When a flag is given twice the last one counts; a list takes all
// of them. An optional stays empty unless the flag is given.
using Target = std::variant<bool*, std::string*, std::vector<std::string>*, int*, std::int64_t*,
                            std::uint32_t*, float*, std::optional<std::string>*,
                            std::optional<double>*, std::optional<std::uint64_t>*>;

struct Flag {
  std::string name;  // "prompt,p": the long name, and its letter if it has one
  Target target;
  std::string value;  // what help calls its value: "TEXT"; "" when it takes none
  std::string help;
  std::string words = {};  // all that the value may be, separated by blanks; "": anything
};

struct FlagGroup {
  std::string title;
  std::vector<Flag> flags;
};

// What one command takes.
struct Syntax {
  std::string usage;            // "tenon run MODEL -p TEXT [flags]"
  std::string examples;         // shown by help, may be empty
  std::vector<Flag> arguments;  // without a flag, in this order
  std::size_t required = 0;     // so many of them must be given
  std::vector<FlagGroup> groups;
  std::shared_ptr<void> owner = {};  // of what the targets point to, if nobody else owns it
};

// Long name and letter of a flag; the letter is "" when it has none.
std::string long_name(const Flag& flag);
std::string letter(const Flag& flag);
// The flags of all groups, and --help.
std::vector<Flag> all_flags(const Syntax& syntax);

// Sets what the flags of the syntax point to. true: --help was given and printed, and nothing is
// left to do. Errors: ErrorCode::usage, with the nearest right flag.
Result<bool> parse(const Arguments& arguments, const Syntax& syntax);

// "a, b or c" from "a b c".
std::string alternatives(const std::string& words);
// The candidate nearest to a misspelt word, "" if none is near.
std::string nearest(std::string_view word, std::span<const std::string> candidates);

}  // namespace tenon::cli
