// Root and this user are trusted, and in the folders of the installation the owner of the program.
#include "framework/plugin/owner.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <fstream>

#include "framework/plugin/own_files.hpp"

namespace tenon {
namespace {

// Whoever owns the running program, or the library that this is, could as well have changed that.
bool owns_the_program(uid_t owner) {
  const auto files = own_files();
  return std::any_of(files.begin(), files.end(), [&](const std::filesystem::path& file) {
    struct stat info {};
    return stat(file.c_str(), &info) == 0 && info.st_uid == owner;
  });
}

// Whether this is how a user namespace shows everybody whom it does not know (user_namespaces(7)).
bool is_unknown(uid_t owner) {
  std::uint64_t overflow = 65534, known = 0;
  std::ifstream("/proc/sys/kernel/overflowuid") >> overflow;
  std::ifstream map("/proc/self/uid_map");
  for (std::uint64_t inside, outside, count; map >> inside >> outside >> count;) known += count;
  return owner == overflow && known < UINT32_MAX;
}

}  // namespace

std::string check_owner(uid_t owner, FoundBy found_by) {
  if (owner == 0 || owner == geteuid()) return "";
  if (found_by == FoundBy::installation && owns_the_program(owner)) return "";
  if (is_unknown(owner)) {
    return fmt::format(
        "owned by somebody who is not known in this user namespace (shown as user {})", owner);
  }
  return fmt::format("owned by user {}, neither by root nor by you", owner);
}

}  // namespace tenon
