// Flag groups and parsing; the exceptions of Program_options end here.
#include "host/cli/options.hpp"

#include <iostream>

namespace tenon::cli {
namespace {

constexpr unsigned k_line = 100;

std::vector<std::string> flag_names(const po::options_description& flags) {
  std::vector<std::string> names;
  for (const auto& option : flags.options()) names.push_back("--" + option->long_name());
  return names;
}

Result<Parsed> usage_error(const Syntax& syntax, std::string what) {
  return fail(ErrorCode::usage, std::move(what) + "\nusage: " + syntax.usage);
}

void check_color(const std::string& when) {
  if (when != "auto" && when != "always" && when != "never")
    throw po::error("--color " + when + ": must be auto, always or never");
}

void print_help(const Syntax& syntax, const po::options_description& visible) {
  std::cout << "usage: " << syntax.usage << "\n\n" << visible;
  if (!syntax.examples.empty()) std::cout << "\nexamples:\n" << syntax.examples;
}

}  // namespace

po::options_description output_flags(OutputOptions& o) {
  po::options_description flags("Output", k_line);
  flags.add_options()("json", po::bool_switch(&o.json), "one JSON document on stdout")(
      "quiet,q", po::bool_switch(&o.quiet), "no progress, no timings")(
      "verbose,v", po::bool_switch(&o.verbose), "log what happens")(
      "color", po::value(&o.color)->value_name("WHEN")->notifier(check_color),
      "auto, always or never")("log-file", po::value(&o.log_file)->value_name("FILE"),
                               "also log to a file")("help,h", "this help");
  return flags;
}

po::options_description plugin_flags(std::vector<std::string>& plugins) {
  po::options_description flags("Plugins", k_line);
  flags.add_options()("plugin", po::value(&plugins)->value_name("FILE"), "also load this plugin");
  return flags;
}

po::options_description engine_flags(EngineOptions& o) {
  po::options_description flags("Engine", k_line);
  flags.add_options()("backend", po::value(&o.backend)->value_name("NAME"),
                      "auto, cpu, cpu/avx2 (a kernel pack), vulkan/1 (a device)")(
      "context,c", po::value(&o.context)->value_name("N"), "positions; default: the model's")(
      "batch,b", po::value(&o.batch)->value_name("N"), "rows of one prefill step")(
      "threads,t", po::value(&o.threads)->value_name("N"), "default: every usable core")(
      "cache-type", po::value(&o.cache_type)->value_name("TYPE"), "f16, f32 or q8_0")(
      "kernel", po::value(&o.kernels)->value_name("RULE=ID"),
      "pin (or deny: =!ID) a kernel: OP[DTYPES]@DEVICE=ID")(
      "verify-kernels", po::bool_switch(&o.verify_kernels),
      "compare every kernel with the reference while loading")(
      "validate", po::bool_switch(&o.validate), "log what breaks the plugin contract; slower");
  flags.add(plugin_flags(o.plugins));
  flags.add_options()("model", po::value(&o.model)->value_name("MODEL"), "the model file (GGUF)");
  return flags;
}

Result<Parsed> parse(const Arguments& arguments, Syntax& syntax) {
  po::positional_options_description positional;
  for (const auto& [name, count] : syntax.positional) positional.add(name.c_str(), count);
  Parsed parsed;
  try {
    const auto style =
        po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
    po::store(po::command_line_parser(arguments)
                  .options(syntax.flags)
                  .positional(positional)
                  .style(style)
                  .run(),
              parsed.values);
    if (parsed.values.contains("help")) {
      print_help(syntax, syntax.flags);
      parsed.help_shown = true;
      return parsed;
    }
    po::notify(parsed.values);
  } catch (const po::unknown_option& e) {
    const std::string near = nearest(e.get_option_name(), flag_names(syntax.flags));
    return usage_error(syntax, "there is no flag " + e.get_option_name() +
                                   (near.empty() ? "" : "; did you mean " + near + "?"));
  } catch (const po::error& e) {
    return usage_error(syntax, e.what());
  }
  return parsed;
}

Status require_model(const EngineOptions& o) {
  if (o.model.empty()) return fail(ErrorCode::usage, "no MODEL given; see `tenon help`");
  return {};
}

}  // namespace tenon::cli
