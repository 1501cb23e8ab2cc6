// Line by line.
#include "expectations.hpp"

#include <fstream>

namespace tenon::conformance {
namespace {

bool take(std::string_view& line, std::string_view word) {
  if (!line.starts_with(word)) return false;
  line.remove_prefix(word.size());
  return true;
}

}  // namespace

bool Expectation::matches(std::string_view name) const {
  if (!what.ends_with('*')) return name == what;
  return name.starts_with(std::string_view(what).substr(0, what.size() - 1));
}

std::vector<Expectation> read_expectations(const std::string& path, std::string& wrong) {
  std::vector<Expectation> all;
  std::ifstream file(path);
  for (std::string text; std::getline(file, text);) {
    std::string_view line = text;
    if (line.empty() || line.starts_with('#')) continue;
    const std::size_t colon = line.find(": ");
    const bool reasoned = colon != std::string_view::npos && colon + 2 < line.size();
    if (reasoned && take(line, "declines "))
      all.push_back({false, std::string(line), ""});
    else if (reasoned && take(line, "fails "))
      all.push_back({true, std::string(line.substr(0, line.find(": "))),
                     std::string(line.substr(line.find(": ") + 2))});
    else if (wrong.empty())
      wrong = text;
  }
  return all;
}

}  // namespace tenon::conformance
