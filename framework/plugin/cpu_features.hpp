// CpuFeatures: the instruction sets this machine can use, by name; the OS must enable their state.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>

namespace tenon {

// The words of cpuid and XGETBV that features are read from; zero where a leaf does not exist.
struct CpuidWords {
  std::uint32_t leaf1_ecx = 0, leaf1_edx = 0;
  std::uint32_t leaf7_ebx = 0, leaf7_ecx = 0, leaf7_edx = 0;
  std::uint32_t leaf7_1_eax = 0, leaf7_1_edx = 0;
  std::uint32_t extended1_ecx = 0;
  std::uint64_t xcr0 = 0;  // 0 without OSXSAVE

  static CpuidWords of_this_machine();
};

// Whether a name of tn_kernel_desc.needs is asked of this machine, not of a device.
inline bool is_of_machine(std::string_view need) { return need.starts_with("cpu."); }

class CpuFeatures {
 public:
  CpuFeatures() = default;
  explicit CpuFeatures(std::set<std::string, std::less<>> names) : names_(std::move(names)) {}
  static CpuFeatures parse(const CpuidWords& words);
  static CpuFeatures of_this_machine();

  bool has(std::string_view name) const { return names_.contains(name); }  // "avx2"
  // "cpu.avx2" as in tn_kernel_desc.needs; false for every other prefix.
  bool meets(std::string_view requirement) const;
  const std::set<std::string, std::less<>>& names() const { return names_; }

 private:
  std::set<std::string, std::less<>> names_;
};

// All names of this machine, "avx avx2 …".
std::string machine_features();

}  // namespace tenon
