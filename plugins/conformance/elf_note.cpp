// Finds the note by walking the PT_NOTE segments of a 64-bit little-endian ELF file.
#include "elf_note.hpp"

#include <elf.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace tenon::conformance {
namespace {

template <class T>
bool read_at(const std::string& file, uint64_t offset, T& to) {
  if (offset > file.size() || file.size() - offset < sizeof(T)) return false;
  std::memcpy(&to, file.data() + offset, sizeof(T));
  return true;
}

uint64_t padded(uint64_t bytes) { return (bytes + 3) / 4 * 4; }

std::optional<std::string> note_in(const std::string& segment) {
  Elf64_Nhdr note;
  for (uint64_t at = 0; read_at(segment, at, note);) {
    const uint64_t name = at + sizeof(note), text = name + padded(note.n_namesz);
    if (text > segment.size() || segment.size() - text < note.n_descsz) return std::nullopt;
    if (segment.compare(name, note.n_namesz, "TENON", 6) == 0) {
      return std::string(segment.c_str() + text, strnlen(segment.c_str() + text, note.n_descsz));
    }
    at = text + padded(note.n_descsz);
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> read_manifest(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  std::error_code unreadable;
  const auto bytes = std::filesystem::file_size(path, unreadable);
  std::string file(unreadable ? 0 : bytes, '\0');
  if (!stream.read(file.data(), static_cast<std::streamsize>(file.size()))) return {};
  Elf64_Ehdr header;
  if (!read_at(file, 0, header) || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return {};
  for (uint64_t i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment;
    if (!read_at(file, header.e_phoff + i * header.e_phentsize, segment)) return {};
    if (segment.p_type != PT_NOTE || segment.p_offset > file.size()) continue;
    if (auto found = note_in(file.substr(segment.p_offset, segment.p_filesz))) return found;
  }
  return std::nullopt;
}

std::vector<std::string> manifest_list(const std::string& manifest, const std::string& key) {
  std::vector<std::string> items;
  const auto start = manifest.find("\"" + key + "\":[");
  if (start == std::string::npos) return items;
  const auto end = manifest.find(']', start);
  for (auto at = start + key.size() + 4; (at = manifest.find('"', at)) < end;) {
    const auto close = manifest.find('"', at + 1);
    items.push_back(manifest.substr(at + 1, close - at - 1));
    at = close + 1;
  }
  return items;
}

}  // namespace tenon::conformance
