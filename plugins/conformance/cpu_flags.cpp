// Reads /proc/cpuinfo, whose flags already exclude what the OS has not enabled.
#include "cpu_flags.hpp"

#include <algorithm>
#include <fstream>

namespace tenon::conformance {
namespace {

std::string flags_line() {
  std::ifstream cpuinfo("/proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);) {
    if (line.starts_with("flags")) return line;
  }
  return {};
}

}  // namespace

bool machine_has(std::string feature) {
  if (feature.starts_with("cpu.")) feature.erase(0, 4);
  if (feature.find('.') != std::string::npos) return true;
  std::string flags = flags_line() + " ";  // "avx512_vnni" there, "avx512vnni" here
  std::erase(flags, '_');
  std::erase(feature, '_');
  return flags.find(" " + feature + " ") != std::string::npos;
}

}  // namespace tenon::conformance
