// Field 6 of /proc/self/statm: pages of data and stack.
#include "framework/base/process_memory.hpp"

#include <unistd.h>

#include <fstream>

namespace tenon {

std::uint64_t private_bytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t pages = 0;
  for (int field = 0; field < 6; ++field) file >> pages;
  return file ? pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) : 0;
}

}  // namespace tenon
