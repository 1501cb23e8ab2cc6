// Options: groups of flags that commands share, parsed by Boost.Program_options into plain structs.
#pragma once

#include <boost/program_options.hpp>

#include "framework/include/tenon/tenon.hpp"
#include "host/cli/command.hpp"

namespace tenon::cli {

namespace po = boost::program_options;

// What every command takes.
struct OutputOptions {
  bool json = false, quiet = false, verbose = false;
  std::string color = "auto", log_file;
};

// What every command that loads a model takes.
struct EngineOptions {
  std::string model, backend = "auto", cache_type = "f16";
  std::vector<std::string> kernels, plugins;
  std::int64_t context = 0, batch = 512;
  std::uint32_t threads = 0;
  bool validate = false, verify_kernels = false;
};

po::options_description output_flags(OutputOptions& o);
po::options_description plugin_flags(std::vector<std::string>& plugins);
po::options_description engine_flags(EngineOptions& o);  // includes plugin_flags

// One command's flags and its usage line.
struct Syntax {
  std::string usage;     // "tenon run MODEL -p TEXT [flags]"
  std::string examples;  // shown by help, may be empty
  po::options_description flags;
  std::vector<std::pair<std::string, int>> positional;  // name of the option, how many (-1: rest)
  std::shared_ptr<void> options = {};  // what the flags write to, if nobody else owns it
};

// A syntax to look at, with options of its own.
template <class Options>
Syntax described(Syntax (*make)(Options&)) {
  auto options = std::make_shared<Options>();
  Syntax syntax = make(*options);
  syntax.options = std::move(options);
  return syntax;
}

// Errors: ErrorCode::usage, with the nearest right flag. `help_shown` tells that --help was given
// and printed: the command has nothing left to do.
struct Parsed {
  po::variables_map values;
  bool help_shown = false;
};
Result<Parsed> parse(const Arguments& arguments, Syntax& syntax);

// Errors: ErrorCode::usage when MODEL is missing.
Status require_model(const EngineOptions& o);

}  // namespace tenon::cli
