// tenon conform: the op suite against a device of a backend plugin, each group in a process of its own.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <map>
#include <set>

#include "host/cli/child.hpp"
#include "host/cli/command.hpp"
#include "host/cli/engine_setup.hpp"
#include "host/cli/printable.hpp"
#include "host/cli/terminal.hpp"

namespace tenon::cli {
namespace {

struct ConformOptions {
  OutputOptions output;
  std::string file, expect;
  std::uint32_t device = 0, seed = 0, limit = 600;
  std::vector<std::string> only, packs;
};

Syntax syntax(ConformOptions& o) {
  const FlagGroup flags = {
      "Conform",
      {
          {"device", &o.device, "N", "the number of the device, as `tenon devices` shows it"},
          {"plugin", &o.packs, "FILE",
           "a kernel pack, whose kernels for this device are judged too"},
          {"only", &o.only, "GROUP", "a group of tests, as MatmulTest; may be repeated"},
          {"seed", &o.seed, "N", "other random values; 0: those that the gates were chosen with"},
          {"limit", &o.limit, "SECONDS", "time that a group may take"},
          {"expect", &o.expect, "FILE", "what it is known to decline and to fail, and why"},
      }};
  return {
      .usage =
          "tenon conform FILE.tenon.so [--device N] [--plugin PACK]... [--only GROUP]... [--json]",
      .examples = "tenon conform lib/tenon/plugins/1/vulkan.tenon.so --only MatmulTest",
      .arguments = {{"path", &o.file, "FILE", "the plugin of a backend"}},
      .required = 1,
      .groups = {flags, output_flags(o.output)}};
}

// The program that runs the tests, with what it is to judge.
class Kit {
 public:
  explicit Kit(const ConformOptions& o) : o_(o), program_(beside_us("tenon-conform")) {
    namespace fs = std::filesystem;
    const auto set = [&](const char* name, const std::string& value) {
      variables_.push_back(std::string(name) + "=" + value);
    };
    std::string packs;
    for (const std::string& pack : o.packs)
      packs += (packs.empty() ? "" : ":") + fs::absolute(pack).string();
    set("TENON_GPU_PLUGIN", fs::absolute(o.file).string());
    set("TENON_GPU_DEVICE", std::to_string(o.device));
    set("TENON_GPU_PACKS", packs);
    set("TENON_CONFORM_SEED", std::to_string(o.seed));
    if (!o.expect.empty()) set("TENON_CONFORM_EXPECT", fs::absolute(o.expect).string());
  }

  Status check() const {
    if (std::filesystem::exists(program_)) return {};
    return fail(ErrorCode::unavailable,
                "the tests are not installed: there is no " + program_ +
                    "; they come with the SDK "
                    "(cmake --install BUILD --component sdk) of a build with TENON_BUILD_TESTS");
  }
  Result<ChildEnd> run(const std::vector<std::string>& arguments) const {
    std::vector<std::string> command = {program_};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return run_child(command, variables_, std::chrono::seconds(o_.limit), !o_.output.verbose);
  }

 private:
  const ConformOptions& o_;
  std::string program_;
  std::vector<std::string> variables_;
};

// The last line of what it printed; discarded if that is no JSON. Drivers print, too.
Json document_of(const std::string& out) {
  const std::size_t end = out.find_last_not_of('\n');
  if (end == std::string::npos) return Json::value_t::discarded;
  const std::size_t start = out.rfind('\n', end);
  return Json::parse(out.substr(start == std::string::npos ? 0 : start + 1), nullptr, false);
}

// "" or how a process ended that should have printed a document.
std::string how_it_ended(const ChildEnd& end, const Json& document, std::uint32_t limit) {
  if (end.timed_out) return "took more than " + std::to_string(limit) + " s";
  if (end.signal != 0) return "ended by signal " + std::to_string(end.signal);
  if (document.is_discarded()) return "ended with code " + std::to_string(end.code);
  return "";
}

Result<Json> list(const Kit& kit, const ConformOptions& o) {
  const auto end = kit.run({"--list"});
  if (!end) return fail(end);
  Json found = document_of(end->out);
  const std::string ended = how_it_ended(*end, found, o.limit);
  const std::string why =
      ended.empty() ? found["refusal"].get<std::string>() : "the device " + ended;
  if (!why.empty()) return fail(ErrorCode::unavailable, o.file + ": " + why);
  if (const auto wrong = found["wrong_expectation"].get<std::string>(); !wrong.empty())
    return fail(ErrorCode::usage,
                found["expectations"].get<std::string>() + ": no expectation: " + wrong);
  return found;
}

// "Packs/MatmulTest" as users type it.
std::string short_name(const std::string& group) { return group.substr(group.rfind('/') + 1); }

Result<std::vector<std::string>> chosen_groups(const Json& found, const ConformOptions& o) {
  std::vector<std::string> all = found["groups"], chosen;
  for (const std::string& name : o.only) {
    const auto known = std::ranges::find(all, name, short_name);
    if (known == all.end()) return fail(ErrorCode::usage, "no group " + name + " for this device");
    chosen.push_back(*known);
  }
  return o.only.empty() ? all : chosen;
}

Result<Json> run_group(const Kit& kit, const std::string& group, const ConformOptions& o) {
  const auto start = std::chrono::steady_clock::now();
  const auto end = kit.run({"--group", group});
  if (!end) return fail(end);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  Json done = document_of(end->out);
  const std::string ended = how_it_ended(*end, done, o.limit);
  Json row = {{"group", short_name(group)}, {"seconds", took.count()}, {"ended", ended}};
  for (const char* result : {"passed", "failed", "skipped", "expected failure", "unexpected pass"})
    row[result] = ended.empty() ? std::ranges::count(done["cases"], result,
                                                     [](const Json& c) { return c["result"]; })
                                : 0;
  for (const char* part : {"cases", "declined", "rows"})
    row[part] = ended.empty() ? done[part] : Json::array();
  return row;
}

// What is not as it should be, a line each.
std::vector<std::string> problems_of(const Json& groups, bool all_ran) {
  std::vector<std::string> problems;
  std::map<std::string, bool> rows;
  std::set<std::string> unlisted;
  for (const Json& group : groups) {
    if (const auto ended = group["ended"].get<std::string>(); !ended.empty())
      problems.push_back(group["group"].get<std::string>() + " " + ended);
    for (const Json& c : group["cases"])
      if (c["result"] == "failed" || c["result"] == "unexpected pass")
        problems.push_back(c["name"].get<std::string>() + ": " + c["result"].get<std::string>());
    for (const Json& d : group["declined"])
      if (!d["listed"].get<bool>()) unlisted.insert(d["what"]);
    for (const Json& r : group["rows"])
      rows[r["kind"].get<std::string>() + " " + r["what"].get<std::string>()] |=
          r["met"].get<bool>();
  }
  for (const std::string& what : unlisted)
    problems.push_back("declined, and not in the list: " + what);
  for (const auto& [row, met] : rows)
    if (all_ran && !met) problems.push_back("in the list, and not so: " + row);
  return problems;
}

// Of what a test said: enough to know what is wrong; the document has more.
std::string first_lines(const std::string& message) {
  std::size_t end = 0;
  for (int line = 0; line < 5 && end != std::string::npos; ++line)
    end = message.find('\n', end + 1);
  std::string text = printable_lines(message.substr(0, end), 300);
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 5)
    text.replace(at, 1, "\n    ");
  return text;
}

void print_group(const Json& g) {
  const bool good = g["ended"] == "" && g["failed"] == 0 && g["unexpected pass"] == 0;
  std::cout << (good ? "ok      " : "FAILED  ") << g["group"].get<std::string>();
  for (const char* result : {"passed", "failed", "skipped", "expected failure", "unexpected pass"})
    if (g[result] != 0) std::cout << ", " << g[result] << ' ' << result;
  std::cout << ", " << static_cast<int>(g["seconds"].get<double>() * 10) / 10.0 << " s\n"
            << std::flush;
  for (const Json& c : g["cases"])
    if (c["result"] == "failed")
      std::cout << "  " << c["name"].get<std::string>() << "\n    " << first_lines(c["message"])
                << '\n';
}

Status run(ConformOptions& o) {
  auto logger = make_logger(o.output);
  if (!logger) return fail(logger);
  const Kit kit(o);
  if (Status s = kit.check(); !s) return s;
  const auto found = list(kit, o);
  if (!found) return fail(found);
  const auto groups = chosen_groups(*found, o);
  if (!groups) return fail(groups);
  if (!o.output.json)
    std::cout << (*found)["backend"].get<std::string>() << '/' << o.device << "  "
              << printable((*found)["device"].get<std::string>()) << ", " << (*found)["kernels"]
              << " kernels, seed " << o.seed << '\n'
              << std::flush;
  Json done = Json::array();
  for (const std::string& group : *groups) {
    auto row = run_group(kit, group, o);
    if (!row) return fail(row);
    if (!o.output.json) print_group(*row);
    done.push_back(std::move(*row));
  }
  const std::vector<std::string> problems = problems_of(done, o.only.empty());
  for (Json& group : done) group.erase("rows");
  if (o.output.json)
    print_json({{"plugin", o.file},
                {"backend", (*found)["backend"]},
                {"index", o.device},
                {"device", (*found)["device"]},
                {"kernels", (*found)["kernels"]},
                {"seed", o.seed},
                {"expectations", (*found)["expectations"]},
                {"groups", done},
                {"problems", problems}});
  else
    for (const std::string& problem : problems)
      std::cout << "problem  " << printable_lines(problem) << '\n';
  if (problems.empty()) return {};
  return fail(ErrorCode::gate, std::to_string(problems.size()) +
                                   " things are not as expected; first: " + problems.front());
}

}  // namespace

extern const Command k_conform =
    command<ConformOptions, syntax, run>("conform", "Judge a backend plugin with the op suite");

}  // namespace tenon::cli
