// Loads through Boost.DLL; turns what dlerror says into one short line.
#include "framework/plugin/library.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <boost/dll/shared_library.hpp>
#include <string_view>
#include <utility>

namespace tenon {
namespace {

namespace dll = boost::dll;

// Boost has no name for RTLD_NODELETE; its modes are the dlopen flags.
constexpr auto k_mode = static_cast<dll::load_mode::type>(
    static_cast<unsigned>(dll::load_mode::rtld_now) |
    static_cast<unsigned>(dll::load_mode::rtld_local) | static_cast<unsigned>(RTLD_NODELETE));

// "/proc/self/fd/7: undefined symbol: foo" -> "unresolved symbol foo"
std::string linker_reason(std::string_view text, const std::string& path) {
  if (text.starts_with(path + ": ")) text.remove_prefix(path.size() + 2);
  constexpr std::string_view k_undefined = "undefined symbol: ";
  if (text.starts_with(k_undefined)) {
    const std::string_view symbol = text.substr(k_undefined.size());
    return fmt::format("unresolved symbol {}", symbol.substr(0, symbol.find(',')));
  }
  return fmt::format("cannot be loaded: {}", text.substr(0, text.find('\n')));
}

}  // namespace

Result<Library> Library::load(const std::string& path) {
  try {
    boost::system::error_code ec;
    dlerror();  // forget older texts: Boost's error code does not tell what went wrong
    auto library = std::make_shared<dll::shared_library>(boost::filesystem::path(path), k_mode, ec);
    if (!ec && library->is_loaded()) return Library(std::move(library));
    const char* text = dlerror();
    return fail(ErrorCode::unavailable,
                linker_reason(text == nullptr ? ec.message() : std::string(text), path));
  } catch (const std::exception& error) {
    return fail(ErrorCode::unavailable, fmt::format("cannot be loaded: {}", error.what()));
  }
}

void* Library::symbol(const char* name) const { return dlsym(impl_->native(), name); }

}  // namespace tenon
