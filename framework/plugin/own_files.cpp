// Asks the kernel for the program and the loader for the library.
#include "framework/plugin/own_files.hpp"

#include <dlfcn.h>
#include <link.h>
#include <sys/auxv.h>

#include <system_error>

namespace tenon {
namespace {

namespace fs = std::filesystem;

// The loader names libraries by the path it opened, and the program by nothing; what the program
// was called by (argv[0]) is its caller's choice and is not asked for.
fs::path own_library() {
  Dl_info info{};
  link_map* map = nullptr;
  if (dladdr1(reinterpret_cast<void*>(&own_library), &info, reinterpret_cast<void**>(&map),
              RTLD_DL_LINKMAP) == 0 ||
      map == nullptr || map->l_name == nullptr || *map->l_name == '\0')
    return {};
  std::error_code ec;
  const fs::path path = fs::canonical(map->l_name, ec);
  return ec ? fs::path() : path;
}

// Without /proc the kernel's own copy of the path that was run; a set-uid program is run by a path of
// its caller's choice.
fs::path own_program() {
  std::error_code ec;
  if (fs::path program = fs::read_symlink("/proc/self/exe", ec); !ec) return program;
  const auto* name =
      reinterpret_cast<const char*>(getauxval(AT_EXECFN));  // NOLINT(*-no-int-to-ptr)
  if (name == nullptr || getauxval(AT_SECURE) != 0) return {};
  const fs::path path = fs::canonical(name, ec);
  return ec ? fs::path() : path;
}

}  // namespace

std::vector<fs::path> own_files() {
  std::vector<fs::path> files;
  if (const fs::path program = own_program(); !program.empty()) files.push_back(program);
  if (const fs::path library = own_library(); !library.empty()) files.push_back(library);
  return files;
}

}  // namespace tenon
