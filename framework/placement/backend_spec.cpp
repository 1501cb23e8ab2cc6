// NAME, NAME/INDEX, NAME/IDENTITY or NAME/PACK.
#include "framework/placement/backend_spec.hpp"

#include <algorithm>

namespace tenon {
namespace {

bool all_digits(const std::string& text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Result<BackendSpec> parse_backend(const std::string& text) {
  BackendSpec spec;
  const std::size_t slash = text.find('/');
  spec.backend = text.substr(0, slash);
  if (slash != std::string::npos) {
    const std::string rest = text.substr(slash + 1);
    if (rest.empty())
      return fail(ErrorCode::usage, "backend \"" + text + "\": nothing after the slash",
                  Setting::backend);
    if (all_digits(rest) && rest.size() < 6)
      spec.index = static_cast<std::uint32_t>(std::stoul(rest));
    else
      (rest.find(':') != std::string::npos ? spec.identity : spec.pack) = rest;
  }
  if (spec.backend.empty())
    return fail(ErrorCode::usage, "backend \"" + text + "\": it has no name; try auto",
                Setting::backend);
  return spec;
}

std::string to_string(const BackendSpec& spec) {
  if (!spec.pack.empty()) return spec.backend + "/" + spec.pack;
  if (!spec.identity.empty()) return spec.backend + "/" + spec.identity;
  return spec.backend + (spec.index ? "/" + std::to_string(*spec.index) : "");
}

}  // namespace tenon
