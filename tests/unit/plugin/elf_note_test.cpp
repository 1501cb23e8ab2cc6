// The note reader on ELF files made byte by byte: every offset and size may lie.
#include "framework/plugin/elf_note.hpp"

#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <random>
#include <string>

namespace tenon {
namespace {

using testing::HasSubstr;

// Where a file of one PT_NOTE segment keeps things.
constexpr std::size_t k_segment_at = sizeof(Elf64_Ehdr);
constexpr std::size_t k_notes_at = k_segment_at + sizeof(Elf64_Phdr);

template <class T>
void put(std::string& bytes, std::size_t at, const T& value) {
  if (bytes.size() < at + sizeof value) bytes.resize(at + sizeof value);
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

void pad(std::string& text, std::size_t alignment) {
  text.resize((text.size() + alignment - 1) / alignment * alignment);
}

std::string note(std::string_view owner, std::uint32_t type, std::string_view desc,
                 std::size_t alignment = 4) {
  std::string out;
  put(out, 0, static_cast<std::uint32_t>(owner.size()));
  put(out, 4, static_cast<std::uint32_t>(desc.size()));
  put(out, 8, type);
  out += owner;
  pad(out, alignment);
  out += desc;
  pad(out, alignment);
  return out;
}

std::string elf(const std::string& notes, std::uint64_t alignment = 4) {
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_type = ET_DYN;
#if defined(__x86_64__)
  header.e_machine = EM_X86_64;
#else
  header.e_machine = EM_AARCH64;
#endif
  header.e_phoff = k_segment_at;
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = 1;
  Elf64_Phdr segment{};
  segment.p_type = PT_NOTE;
  segment.p_offset = k_notes_at;
  segment.p_filesz = notes.size();
  segment.p_align = alignment;
  std::string file;
  put(file, 0, header);
  put(file, k_segment_at, segment);
  return file + notes;
}

const std::string k_owner("TENON\0", 6);

Result<std::string> read(const std::string& file) {
  const int fd = memfd_create("plugin", MFD_CLOEXEC);
  EXPECT_EQ(write(fd, file.data(), file.size()), static_cast<ssize_t>(file.size()));
  auto result = read_manifest_note(fd);
  close(fd);
  return result;
}

std::string reason(const std::string& file) {
  const auto result = read(file);
  return result ? "read: " + *result : result.error().message();
}

TEST(ElfNote, FindsTheManifestAmongOtherNotes) {
  const auto file = elf(note("GNU", 3, "build id") + note(k_owner, 2, "other") +
                        note(k_owner, 1, "{manifest}") + note("GNU", 1, "abi"));
  EXPECT_EQ(read(file).value(), "{manifest}");
}

TEST(ElfNote, KnowsNotesAlignedToEight) {
  const auto notes = note("GNU", 5, "123456789", 8) + note(k_owner, 1, "{manifest}", 8);
  EXPECT_EQ(read(elf(notes, 8)).value(), "{manifest}");
}

TEST(ElfNote, AskedForTheOwnersWholeName) {
  for (const char* owner : {"TENON", "TENONS", "tenon", ""}) {
    EXPECT_THAT(reason(elf(note(owner, 1, "{}"))), HasSubstr("no Tenon manifest")) << owner;
  }
}

TEST(ElfNote, RefusesSizesThatLie) {
  const auto good = elf(note(k_owner, 1, "{manifest}"));
  std::string file = good;
  put(file, k_notes_at, 0xffffffffu);  // length of the owner
  EXPECT_THAT(reason(file), HasSubstr("no Tenon manifest"));
  file = good;
  put(file, k_notes_at + 4, 0xffffffffu);  // length of the description
  EXPECT_THAT(reason(file), HasSubstr("no Tenon manifest"));
  file = good;
  put(file, k_segment_at + offsetof(Elf64_Phdr, p_offset), ~std::uint64_t{0});
  EXPECT_THAT(reason(file), HasSubstr("truncated ELF file"));
  file = good;
  put(file, k_segment_at + offsetof(Elf64_Phdr, p_filesz), ~std::uint64_t{0});
  EXPECT_THAT(reason(file), HasSubstr("truncated ELF file"));
  file = good;
  put(file, offsetof(Elf64_Ehdr, e_phoff), ~std::uint64_t{0} - 8);
  EXPECT_THAT(reason(file), HasSubstr("program headers"));
  file = good;
  put(file, offsetof(Elf64_Ehdr, e_phnum), std::uint16_t{0xffff});
  EXPECT_THAT(reason(file), HasSubstr("program headers"));
  file = good;
  put(file, offsetof(Elf64_Ehdr, e_shnum), std::uint16_t{5});
  put(file, offsetof(Elf64_Ehdr, e_shentsize), std::uint16_t{64});
  put(file, offsetof(Elf64_Ehdr, e_shoff), std::uint64_t{good.size()});
  EXPECT_THAT(reason(file), HasSubstr("section headers"));
}

TEST(ElfNote, RefusesLongManifests) {
  EXPECT_THAT(reason(elf(note(k_owner, 1, std::string(k_max_manifest + 1, ' ')))),
              HasSubstr("longer than 64 KiB"));
  EXPECT_EQ(read(elf(note(k_owner, 1, std::string(k_max_manifest, ' ')))).value().size(),
            k_max_manifest);
}

TEST(ElfNote, EveryCutIsRefused) {
  const auto good = elf(note(k_owner, 1, "{manifest}"));
  for (std::size_t n = 0; n + 2 < good.size(); ++n) EXPECT_FALSE(read(good.substr(0, n))) << n;
}

// Whatever the bytes say, the answer is a manifest or a reason; sanitizer builds see the rest.
TEST(ElfNote, SurvivesRandomBytes) {
  const auto good = elf(note("GNU", 3, "build id") + note(k_owner, 1, "{manifest}"));
  std::mt19937 random(7);
  int refused = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string file = good;
    for (int i = 0; i < 3; ++i) file[random() % file.size()] = static_cast<char>(random() & 0xff);
    if (!read(file)) ++refused;
  }
  EXPECT_GT(refused, 500);
}

}  // namespace
}  // namespace tenon
