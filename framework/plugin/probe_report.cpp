// Writes and reads the report of tenon-probe; the reader believes nothing but its form.
#include "framework/plugin/probe_report.hpp"

#include <nlohmann/json.hpp>

#include "framework/plugin/one_line.hpp"

namespace tenon {
namespace {

using Json = nlohmann::json;

std::string line_of(const char* key, Json value) {
  const Json json{{key, std::move(value)}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

void read_line(std::string_view line, ProbeReport& report) {
  const Json json = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return;
  const auto text = [&](const char* key) -> const std::string* {
    const auto found = json.find(key);
    return found == json.end() ? nullptr : found->get_ptr<const std::string*>();
  };
  if (const std::string* step = text("step")) report.last_step = one_line(*step, 80);
  if (const std::string* reason = text("refused")) report.verdict = one_line(*reason, 512);
  if (json.contains("ok")) report.verdict = "";
}

}  // namespace

std::string step_line(std::string_view step) { return line_of("step", std::string(step)); }

std::string verdict_line(std::string_view reason) {
  return reason.empty() ? line_of("ok", true) : line_of("refused", std::string(reason));
}

ProbeReport read_report(std::string_view text) {
  ProbeReport report;
  for (std::size_t end = text.find('\n'); end != text.npos && !report.verdict;
       end = text.find('\n')) {
    read_line(text.substr(0, end), report);
    text.remove_prefix(end + 1);
  }
  return report;
}

}  // namespace tenon
