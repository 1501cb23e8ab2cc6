// From arguments to options; the exceptions of Program_options end here.
#include "host/cli/options.hpp"

#include <boost/program_options.hpp>
#include <charconv>
#include <iomanip>
#include <iostream>
#include <sstream>
#include <type_traits>

namespace tenon::cli {
namespace {

namespace po = boost::program_options;

constexpr std::size_t k_help_column = 28;

tl::unexpected<Error> wrong(const std::string& what) { return fail(ErrorCode::usage, what); }

// "--prompt=" is an empty text; Program_options takes it for a value that was forgotten.
std::vector<po::option> empty_value(std::vector<std::string>& tokens) {
  const std::string& token = tokens[0];
  if (!token.starts_with("--") || token.find('=') != token.size() - 1 || token.size() < 4)
    return {};
  po::option option;
  option.string_key = token.substr(2, token.size() - 3);
  option.value = {""};
  option.original_tokens = {token};
  tokens.erase(tokens.begin());
  return {option};
}

// Every value is a list of texts here: what they mean, and that the last one counts, is our own.
void describe(po::options_description& description, const Flag& flag) {
  auto* value = po::value<Arguments>();
  if (flag.value.empty()) value->zero_tokens();
  description.add_options()(flag.name.c_str(), value);
}

Status take(bool* to, const Flag&, const Arguments&) {
  *to = true;
  return {};
}

Status take(std::vector<std::string>* to, const Flag&, const Arguments& values) {
  *to = values;
  return {};
}

Status take(std::string* to, const Flag& flag, const Arguments& values) {
  *to = values.back();
  if (flag.words.empty()) return {};
  std::istringstream words(flag.words);
  for (std::string word; words >> word;)
    if (word == *to) return {};
  return wrong("--" + long_name(flag) + " " + *to + ": must be " + alternatives(flag.words));
}

template <class Number>
Status take(Number* to, const Flag& flag, const Arguments& values) {
  const std::string& text = values.back();
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *to);
  if (error == std::errc() && end == text.data() + text.size()) return {};
  const bool far = error == std::errc::result_out_of_range;
  return wrong("--" + long_name(flag) + " " + text + ": " +
               (far                                ? "is out of range"
                : std::is_floating_point_v<Number> ? "must be a number"
                : std::is_unsigned_v<Number>       ? "must be a whole number, 0 or more"
                                                   : "must be a whole number"));
}

template <class T>
Status take(std::optional<T>* to, const Flag& flag, const Arguments& values) {
  return take(&to->emplace(), flag, values);
}

Status set(const std::vector<Flag>& flags, const po::variables_map& values) {
  for (const Flag& flag : flags) {
    const auto given = values.find(long_name(flag));
    if (given == values.end()) continue;
    const auto& texts = given->second.as<Arguments>();
    const Status taken = std::visit([&](auto* to) { return take(to, flag, texts); }, flag.target);
    if (!taken) return taken;
  }
  return {};
}

Status check_required(const Syntax& syntax, const po::variables_map& values) {
  for (std::size_t i = 0; i < syntax.required; ++i)
    if (const Flag& argument = syntax.arguments[i]; !values.contains(argument.name))
      return wrong("no " + argument.value + " given: " + argument.help);
  return {};
}

void print_flags(const std::string& title, const std::vector<Flag>& flags) {
  if (flags.empty()) return;
  std::cout << '\n' << title << ":\n";
  for (const Flag& f : flags) {
    const std::string short_form = letter(f).empty() ? "" : "-" + letter(f) + ", ";
    const std::string shown =
        short_form + "--" + long_name(f) + (f.value.empty() ? "" : " " + f.value);
    std::cout << "  " << std::left << std::setw(k_help_column) << shown << "  " << f.help << '\n';
  }
}

void print_help(const Syntax& syntax) {
  std::cout << "usage: " << syntax.usage << '\n';
  print_flags("Arguments", syntax.arguments);
  for (const FlagGroup& group : syntax.groups) print_flags(group.title, group.flags);
  std::cout << "  " << std::setw(k_help_column) << "-h, --help"
            << "  this help\n";
  if (!syntax.examples.empty()) std::cout << "\nexamples:\n" << syntax.examples;
}

Result<po::variables_map> values_of(const Arguments& arguments, const Syntax& syntax,
                                    const std::vector<Flag>& flags) {
  po::options_description description;
  for (const Flag& flag : flags) describe(description, flag);
  po::positional_options_description positional;
  for (const Flag& argument : syntax.arguments) positional.add(argument.name.c_str(), 1);
  const auto style =
      po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
  po::variables_map values;
  try {
    po::store(po::command_line_parser(arguments)
                  .options(description)
                  .positional(positional)
                  .style(style)
                  .extra_style_parser(empty_value)
                  .run(),
              values);
    return values;
  } catch (const po::unknown_option& e) {
    std::vector<std::string> names;
    for (const Flag& flag : flags) names.push_back("--" + long_name(flag));
    const std::string near = nearest(e.get_option_name(), names);
    return wrong("there is no flag " + e.get_option_name() +
                 (near.empty() ? "" : "; did you mean " + near + "?"));
  } catch (const po::error& e) {
    return wrong(e.what());
  }
}

Result<bool> parse_quietly(const Arguments& arguments, const Syntax& syntax) {
  std::vector<Flag> flags = all_flags(syntax);
  flags.insert(flags.end(), syntax.arguments.begin(), syntax.arguments.end());
  const auto values = values_of(arguments, syntax, flags);
  if (!values) return fail(values);
  if (values->contains("help")) {
    print_help(syntax);
    return true;
  }
  if (Status s = check_required(syntax, *values); !s) return fail(s);
  if (Status s = set(flags, *values); !s) return fail(s);
  return false;
}

}  // namespace

std::string long_name(const Flag& flag) { return flag.name.substr(0, flag.name.find(',')); }

std::string letter(const Flag& flag) {
  const std::size_t comma = flag.name.find(',');
  return comma == std::string::npos ? "" : flag.name.substr(comma + 1);
}

std::vector<Flag> all_flags(const Syntax& syntax) {
  std::vector<Flag> flags;
  for (const FlagGroup& group : syntax.groups)
    flags.insert(flags.end(), group.flags.begin(), group.flags.end());
  flags.push_back({"help,h", static_cast<bool*>(nullptr), "", "this help"});  // parse() answers it
  return flags;
}

Result<bool> parse(const Arguments& arguments, const Syntax& syntax) {
  auto help_shown = parse_quietly(arguments, syntax);
  if (help_shown) return help_shown;
  return fail(ErrorCode::usage, help_shown.error().message() + "\nusage: " + syntax.usage);
}

std::string alternatives(const std::string& words) {
  std::string text;
  std::istringstream stream(words);
  std::vector<std::string> list;
  for (std::string word; stream >> word;) list.push_back(word);
  for (std::size_t i = 0; i < list.size(); ++i)
    text += (i == 0 ? "" : i + 1 == list.size() ? " or " : ", ") + list[i];
  return text;
}

}  // namespace tenon::cli
