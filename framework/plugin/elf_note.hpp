// The plugin manifest in an ELF note, read without running or mapping anything of the file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "framework/base/result.hpp"

namespace tenon {

inline constexpr std::string_view k_note_owner = "TENON";
inline constexpr std::uint32_t k_note_manifest = 1;
inline constexpr std::size_t k_max_manifest = 64 * 1024;

// The manifest's JSON from a shared object for this machine. Errors say in a few words what the
// file is instead; every offset in it is checked against its size. The file position is not moved.
Result<std::string> read_manifest_note(int fd);

}  // namespace tenon
