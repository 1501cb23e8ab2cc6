// The manifest of a plugin, read from its ELF note without loading it.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace tenon::conformance {

// The JSON text of the note "TENON"; nothing if the file has none.
std::optional<std::string> read_manifest(const std::string& path);

// The strings of the array `key` of a manifest: manifest_list(m, "cpu") -> {"avx2", "fma"}.
std::vector<std::string> manifest_list(const std::string& manifest, const std::string& key);

}  // namespace tenon::conformance
