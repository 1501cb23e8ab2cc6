// Reads the note of type 1 and owner "TENON" from the PT_NOTE segments: they survive `strip -s`.
#include "framework/plugin/elf_note.hpp"

#include <elf.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <span>
#include <vector>

namespace tenon {
namespace {

#if defined(__x86_64__)
constexpr std::uint16_t k_machine = EM_X86_64;
#elif defined(__aarch64__)
constexpr std::uint16_t k_machine = EM_AARCH64;
#else
#error "tell elf_note.cpp the ELF machine number of this architecture"
#endif
constexpr std::uint16_t k_max_segments = 1024;
constexpr std::uint64_t k_max_notes = 1024 * 1024;  // bytes of one segment

struct MachineName {
  std::uint16_t machine;
  std::string_view name;
};
constexpr MachineName k_machines[] = {
    {EM_X86_64, "x86-64"}, {EM_AARCH64, "aarch64"}, {EM_386, "i386"}, {EM_ARM, "arm"},
    {EM_RISCV, "riscv"},   {EM_PPC64, "ppc64"},     {EM_S390, "s390"}};

std::string machine_name(std::uint16_t machine) {
  const auto* row = std::find_if(std::begin(k_machines), std::end(k_machines),
                                 [&](const MachineName& m) { return m.machine == machine; });
  return row == std::end(k_machines) ? fmt::format("machine {}", machine) : std::string(row->name);
}

tl::unexpected<Error> refuse(std::string reason) {
  return fail(ErrorCode::unavailable, std::move(reason));
}

// False when the file ends before the range does, or on an input error.
bool read_at(int fd, std::uint64_t offset, std::span<std::byte> out) {
  while (!out.empty()) {
    const ssize_t n = pread(fd, out.data(), out.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    offset += static_cast<std::uint64_t>(n);
    out = out.subspan(static_cast<std::size_t>(n));
  }
  return true;
}

Result<std::uint64_t> file_size(int fd) {
  struct stat info {};
  if (fstat(fd, &info) != 0) return refuse(fmt::format("cannot be read: {}", strerror(errno)));
  return static_cast<std::uint64_t>(info.st_size);
}

Status check_header(const Elf64_Ehdr& header) {
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return refuse("not an ELF file");
  if (header.e_ident[EI_CLASS] != ELFCLASS64) return refuse("a 32-bit ELF file, not a 64-bit one");
  if (header.e_ident[EI_DATA] != ELFDATA2LSB) return refuse("a big-endian ELF file");
  if (header.e_machine != k_machine) {
    return refuse(fmt::format("built for {}, this machine is {}", machine_name(header.e_machine),
                              machine_name(k_machine)));
  }
  if (header.e_type != ET_DYN) return refuse("an ELF file, but not a shared object");
  if (header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phnum > k_max_segments) {
    return refuse("damaged ELF file: implausible program headers");
  }
  return {};
}

Result<std::vector<Elf64_Phdr>> read_segments(int fd, const Elf64_Ehdr& header,
                                              std::uint64_t size) {
  const std::uint64_t bytes = std::uint64_t{header.e_phnum} * sizeof(Elf64_Phdr);
  if (header.e_phoff > size || bytes > size - header.e_phoff) {
    return refuse("truncated ELF file: its program headers lie behind its end");
  }
  std::vector<Elf64_Phdr> segments(header.e_phnum);
  if (!read_at(fd, header.e_phoff, std::as_writable_bytes(std::span(segments)))) {
    return refuse("truncated ELF file");
  }
  return segments;
}

std::uint64_t aligned(std::uint64_t offset, std::uint64_t alignment) {
  return (offset + alignment - 1) / alignment * alignment;
}

// One note after the other: header, owner, description, each padded to the alignment.
std::optional<std::string> find_note(std::span<const std::byte> notes, std::uint64_t alignment) {
  std::uint64_t at = 0;
  while (at + sizeof(Elf64_Nhdr) <= notes.size()) {
    Elf64_Nhdr note;
    std::memcpy(&note, notes.data() + at, sizeof note);
    const std::uint64_t name = at + sizeof note;
    const std::uint64_t desc = aligned(name + note.n_namesz, alignment);
    if (desc > notes.size() || note.n_descsz > notes.size() - desc) return std::nullopt;
    const auto* text = reinterpret_cast<const char*>(notes.data());
    const std::string_view owner(text + name, note.n_namesz);
    if (note.n_type == k_note_manifest && owner == std::string_view("TENON\0", 6)) {
      return std::string(text + desc, note.n_descsz);
    }
    at = aligned(desc + note.n_descsz, alignment);
  }
  return std::nullopt;
}

Result<std::optional<std::string>> note_of(int fd, const Elf64_Phdr& segment, std::uint64_t size) {
  if (segment.p_type != PT_NOTE) return std::nullopt;
  if (segment.p_offset > size || segment.p_filesz > size - segment.p_offset) {
    return refuse("truncated ELF file: a note lies behind its end");
  }
  if (segment.p_filesz > k_max_notes) return std::nullopt;
  std::vector<std::byte> notes(segment.p_filesz);
  if (!read_at(fd, segment.p_offset, notes)) return refuse("truncated ELF file");
  return find_note(notes, segment.p_align == 8 ? 8 : 4);
}

// A library cut short would crash the process that loads it. Linkers put the section headers last.
Status check_extent(const Elf64_Ehdr& header, const std::vector<Elf64_Phdr>& segments,
                    std::uint64_t size) {
  const std::uint64_t sections = std::uint64_t{header.e_shnum} * header.e_shentsize;
  if (sections != 0 && (header.e_shoff > size || sections > size - header.e_shoff)) {
    return refuse("truncated ELF file: its section headers lie behind its end");
  }
  for (const Elf64_Phdr& segment : segments) {
    if (segment.p_type != PT_LOAD) continue;
    if (segment.p_offset > size || segment.p_filesz > size - segment.p_offset) {
      return refuse("truncated ELF file: a segment lies behind its end");
    }
  }
  return {};
}

}  // namespace

Result<std::string> read_manifest_note(int fd) {
  const auto size = file_size(fd);
  if (!size) return fail(size);
  if (*size == 0) return refuse("an empty file");
  Elf64_Ehdr header{};
  const std::size_t head = std::min<std::size_t>(*size, sizeof header);
  if (!read_at(fd, 0, std::as_writable_bytes(std::span(&header, 1)).first(head))) {
    return refuse("cannot be read");
  }
  if (*size < sizeof header && std::memcmp(header.e_ident, ELFMAG, SELFMAG) == 0) {
    return refuse("truncated ELF file: its header is cut short");
  }
  if (const auto ok = check_header(header); !ok) return fail(ok);
  const auto segments = read_segments(fd, header, *size);
  if (!segments) return fail(segments);
  if (const auto ok = check_extent(header, *segments, *size); !ok) return fail(ok);
  for (const Elf64_Phdr& segment : *segments) {
    auto note = note_of(fd, segment, *size);
    if (!note) return fail(note);
    if (!*note) continue;
    if ((*note)->size() > k_max_manifest) return refuse("its manifest is longer than 64 KiB");
    return std::move(**note);
  }
  return refuse("no Tenon manifest: not a Tenon plugin");
}

}  // namespace tenon
