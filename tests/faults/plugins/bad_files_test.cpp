// Files that are no plugins of this machine, or that somebody else may have put there.
#include <elf.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <string>

#include "framework/plugin/checked_file.hpp"
#include "tests/faults/plugins/scratch.hpp"

namespace tenon::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// Scans a folder with a good plugin and `name`, which must be refused; returns the reason.
std::string reason_for(const Scratch& scratch, const std::string& name) {
  scratch.add("good");
  const HostTable host;
  const auto catalog = Catalog::scan(host, scratch.options());
  if (!catalog) return "scan failed: " + catalog.error().message();
  EXPECT_TRUE(candidate(*catalog, "good.tenon.so").loaded);
  const ListedPlugin bad = candidate(*catalog, name);
  EXPECT_FALSE(bad.loaded);
  EXPECT_THAT(bad.reason, testing::Not(HasSubstr("\n")));
  return bad.reason;
}

std::string reason_for_bytes(std::span<const std::byte> bytes) {
  const Scratch scratch;
  scratch.add_bytes("bad.tenon.so", bytes);
  return reason_for(scratch, "bad.tenon.so");
}

// The good plugin with one field of its ELF header replaced.
template <class Field>
std::vector<std::byte> patched(std::size_t offset, Field value) {
  std::vector<std::byte> bytes = fixture_bytes("good");
  std::memcpy(bytes.data() + offset, &value, sizeof value);
  return bytes;
}

// What docs/PLUGINS.md says about libraries that a plugin ships: a plugin is loaded by a name of its
// open descriptor, so that $ORIGIN is no folder of its own.
TEST(PrivateLibrary, IsFoundByAnAbsoluteFolderAndNotByOrigin) {
  const fs::path folder = TENON_PRIVATE_LIBRARY;
  const HostTable host;
  const auto load = [&](const char* file) {
    ScanOptions options;
    options.files = {folder / file};
    const auto catalog = Catalog::scan(host, options);
    return catalog ? std::string("loaded") : catalog.error().message();
  };
  EXPECT_THAT(load("needs_library_origin.tenon.so"),
              HasSubstr("cannot be loaded: libfixture_private.so: cannot open shared object file"));
  EXPECT_EQ(load("needs_library_absolute.tenon.so"), "loaded");
}

// Where a file is opened by its path (no /proc), nobody else may be able to lead it elsewhere.
TEST(Way, EachOfItsFoldersIsAsked) {
  const Scratch scratch;
  const fs::path outer = scratch.folder() / "outer", file = outer / "inner" / "x.tenon.so";
  fs::create_directories(file.parent_path());
  EXPECT_EQ(check_way(file, FoundBy::search), "");
  const auto says = "the folder " + outer.string() + " on its way is writable by others";
  for (const mode_t mode : {mode_t{0777}, mode_t{0775}, mode_t{0702}}) {
    ASSERT_EQ(chmod(outer.c_str(), mode), 0);
    EXPECT_EQ(check_way(file, FoundBy::search), says) << std::oct << mode;
  }
  ASSERT_EQ(chmod(outer.c_str(), 01777), 0);
  EXPECT_EQ(check_way(file, FoundBy::search), "") << "sticky: others may not rename what is in it";
  EXPECT_THAT(check_way(scratch.folder() / "none" / "x", FoundBy::search),
              HasSubstr("none on its way cannot be read"));
  if (geteuid() != 0) return;
  ASSERT_EQ(chown(outer.c_str(), 4711, 4711), 0);
  EXPECT_THAT(check_way(file, FoundBy::search), HasSubstr("on its way is owned by user 4711"));
}

TEST(BadFile, NotElf) {
  const std::string text =
      "#!/bin/sh\necho this is long enough to hold a whole ELF header, or not\n";
  EXPECT_EQ(reason_for_bytes(std::as_bytes(std::span(text))), "not an ELF file");
}

TEST(BadFile, Empty) { EXPECT_EQ(reason_for_bytes({}), "an empty file"); }

TEST(BadFile, OfAnotherMachine) {
  const auto other = static_cast<Elf64_Half>(EM_RISCV);
  EXPECT_THAT(reason_for_bytes(patched(offsetof(Elf64_Ehdr, e_machine), other)),
              HasSubstr("built for riscv, this machine is"));
}

TEST(BadFile, Of32Bits) {
  const auto other = static_cast<unsigned char>(ELFCLASS32);
  EXPECT_EQ(reason_for_bytes(patched(EI_CLASS, other)), "a 32-bit ELF file, not a 64-bit one");
}

TEST(BadFile, BigEndian) {
  const auto other = static_cast<unsigned char>(ELFDATA2MSB);
  EXPECT_EQ(reason_for_bytes(patched(EI_DATA, other)), "a big-endian ELF file");
}

TEST(BadFile, Program) {
  const auto other = static_cast<Elf64_Half>(ET_EXEC);
  EXPECT_EQ(reason_for_bytes(patched(offsetof(Elf64_Ehdr, e_type), other)),
            "an ELF file, but not a shared object");
}

TEST(BadFile, TruncatedAnywhere) {
  const std::vector<std::byte> whole = fixture_bytes("good");
  const Scratch scratch;
  std::vector<std::size_t> lengths = {1, 3, 4, 16, 63, 64, 65, whole.size() - 1};
  for (std::size_t length = 100; length < whole.size(); length += whole.size() / 40) {
    lengths.push_back(length);
  }
  for (const std::size_t length : lengths) {
    scratch.add_bytes("cut" + std::to_string(length) + ".tenon.so", std::span(whole).first(length));
  }
  scratch.add("good");
  const HostTable host;
  const auto catalog = Catalog::scan(host, scratch.options());
  ASSERT_TRUE(catalog);
  ASSERT_EQ(catalog->candidates().size(), lengths.size() + 1);
  for (const ListedPlugin& found : catalog->candidates()) {
    const bool good = found.path.filename() == "good.tenon.so";
    EXPECT_EQ(found.loaded, good) << found.path << " " << found.reason;
    if (good) continue;
    EXPECT_THAT(found.reason, testing::AnyOf(HasSubstr("truncated"), HasSubstr("not an ELF")));
  }
}

TEST(BadFile, SymbolicLink) {
  const Scratch scratch, elsewhere;
  fs::create_symlink(elsewhere.add("good_backend"), scratch.folder() / "link.tenon.so");
  EXPECT_EQ(reason_for(scratch, "link.tenon.so"), "a symbolic link; name the file itself");
}

TEST(BadFile, Folder) {
  const Scratch scratch;
  fs::create_directory(scratch.folder() / "folder.tenon.so");
  EXPECT_EQ(reason_for(scratch, "folder.tenon.so"), "a folder, not a file");
}

TEST(BadFile, Fifo) {
  const Scratch scratch;
  ASSERT_EQ(mkfifo((scratch.folder() / "fifo.tenon.so").c_str(), 0600), 0);
  EXPECT_EQ(reason_for(scratch, "fifo.tenon.so"), "not a regular file");
}

TEST(BadFile, WritableByOthers) {
  const Scratch scratch;
  fs::permissions(scratch.add("good_backend"), fs::perms(0646));
  EXPECT_EQ(reason_for(scratch, "good_backend.tenon.so"), "writable by everybody (chmod go-w it)");
}

TEST(BadFile, WritableByItsGroup) {
  const Scratch scratch;
  fs::permissions(scratch.add("good_backend"), fs::perms(0664));
  EXPECT_EQ(reason_for(scratch, "good_backend.tenon.so"), "writable by its group (chmod go-w it)");
}

// Root may read everything, so for root the owner is what makes a file foreign.
TEST(BadFile, UnreadableOrForeign) {
  const Scratch scratch;
  const fs::path path = scratch.add("good_backend");
  if (geteuid() == 0) {
    ASSERT_EQ(chown(path.c_str(), 12345, 12345), 0);
    EXPECT_EQ(reason_for(scratch, "good_backend.tenon.so"),
              "owned by user 12345, neither by root nor by you");
  } else {
    fs::permissions(path, fs::perms::none);
    EXPECT_EQ(reason_for(scratch, "good_backend.tenon.so"), "cannot be opened: Permission denied");
  }
}

TEST(BadFolder, WritableByOthersIsNotSearched) {
  const Scratch scratch;
  scratch.add("good");
  fs::permissions(scratch.folder(), fs::perms(0777));
  const HostTable host;
  const auto catalog = Catalog::scan(host, scratch.options());
  ASSERT_TRUE(catalog);
  ASSERT_EQ(catalog->candidates().size(), 1u);
  EXPECT_EQ(catalog->candidates()[0].path, scratch.folder());
  EXPECT_THAT(catalog->candidates()[0].reason, HasSubstr("writable by others"));
}

// A file that the user names may lie in /tmp; a folder like /tmp is never searched.
TEST(BadFolder, StickyMayHoldANamedFileOnly) {
  const Scratch scratch;
  const fs::path good = scratch.add("good");
  ASSERT_EQ(chmod(scratch.folder().c_str(), 01777), 0);
  const HostTable host;
  ScanOptions options = scratch.options();
  const auto searched = Catalog::scan(host, options);
  ASSERT_TRUE(searched);
  EXPECT_THAT(searched->candidates()[0].reason, HasSubstr("who could add plugins"));
  options.directories.clear();
  options.files = {good};
  EXPECT_TRUE(Catalog::scan(host, options));
}

// Whoever owns a folder can put files into it and exchange those of others, whatever its mode.
TEST(BadFolder, OwnedBySomebodyElse) {
  if (geteuid() != 0) GTEST_SKIP() << "CANNOT TEST: only root can give a folder to somebody else";
  for (const mode_t mode : {0755u, 01755u, 01777u}) {
    const Scratch scratch;
    const fs::path good = scratch.add("good");
    ASSERT_EQ(chown(scratch.folder().c_str(), 12345, 12345), 0);
    ASSERT_EQ(chmod(scratch.folder().c_str(), mode), 0);
    const HostTable host;
    ScanOptions options = scratch.options();
    const auto searched = Catalog::scan(host, options);
    ASSERT_TRUE(searched);
    ASSERT_EQ(searched->candidates().size(), 1u);
    EXPECT_EQ(searched->candidates()[0].path, scratch.folder());
    EXPECT_EQ(searched->candidates()[0].reason,
              "its folder is owned by user 12345, neither by root nor by you");
    options.directories.clear();
    options.files = {good};
    const auto named = Catalog::scan(host, options);
    ASSERT_FALSE(named);
    EXPECT_THAT(named.error().message(), HasSubstr("its folder is owned by user 12345"));
  }
}

// Runs `body` in a child of its own, in a user namespace that knows nobody but this user: whoever
// else owns a file is shown as the overflow user. True if `body` returned true.
template <class Body>
bool in_user_namespace(Body body) {
  const uid_t me = geteuid();
  const pid_t child = fork();
  if (child == 0) {
    if (unshare(CLONE_NEWUSER) != 0) _exit(2);
    std::ofstream("/proc/self/uid_map") << me + 1000 << ' ' << me << " 1";
    _exit(body() ? 0 : 1);
  }
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_NE(WEXITSTATUS(status), 2) << "this machine does not allow user namespaces";
  return WEXITSTATUS(status) == 0;
}

// The root of the machine cannot be told from any other user there; this user's files stay his.
TEST(UnknownOwner, IsNotTrustedWhereItWasSearchedOrNamed) {
  const Scratch scratch, foreign;
  const fs::path good = scratch.add("good"), other = geteuid() == 0 ? foreign.folder() : "/";
  if (geteuid() == 0) {
    ASSERT_EQ(chown(foreign.folder().c_str(), 12345, 12345), 0);
  }
  EXPECT_TRUE(in_user_namespace([&] {
    return check_folder(other, FoundBy::search).find("not known in this user namespace") !=
           std::string::npos;
  }));
  EXPECT_TRUE(
      in_user_namespace([&] { return CheckedFile::open(good, FoundBy::name).has_value(); }));
}

// In the folders of the installation whoever owns the program is trusted: an installation of the
// machine's root, seen from a user namespace, or one of a user who installs for others.
TEST(UnknownOwner, IsTrustedInTheInstallationIfTheProgramIsHis) {
  if (geteuid() != 0) GTEST_SKIP() << "CANNOT TEST: only root can give this program away";
  const fs::path program = fs::read_symlink("/proc/self/exe");
  const Scratch foreign;
  ASSERT_EQ(chown(foreign.folder().c_str(), 12345, 12345), 0);
  const auto refused = [&](FoundBy by) { return !check_folder(foreign.folder(), by).empty(); };
  EXPECT_TRUE(refused(FoundBy::installation));
  ASSERT_EQ(chown(program.c_str(), 12345, 12345), 0);
  EXPECT_FALSE(refused(FoundBy::installation));
  EXPECT_TRUE(refused(FoundBy::search));
  EXPECT_TRUE(refused(FoundBy::name));
  EXPECT_TRUE(in_user_namespace([&] { return !refused(FoundBy::installation); }));
  ASSERT_EQ(chown(program.c_str(), 0, 0), 0);
}

TEST(BadFolder, MissingIsEmpty) {
  const Scratch scratch;
  ScanOptions options = scratch.options();
  options.directories = {scratch.folder() / "nowhere"};
  const HostTable host;
  const auto catalog = Catalog::scan(host, options);
  ASSERT_TRUE(catalog);
  EXPECT_TRUE(catalog->candidates().empty());
}

TEST(NamedFile, MissingIsAnError) {
  const Scratch scratch;
  ScanOptions options = scratch.options();
  options.files = {scratch.folder() / "nowhere.tenon.so"};
  const HostTable host;
  const auto catalog = Catalog::scan(host, options);
  ASSERT_FALSE(catalog);
  EXPECT_THAT(catalog.error().message(), HasSubstr("no such file"));
}

TEST(OtherNames, AreNotCandidates) {
  const Scratch scratch;
  scratch.add("good", "libgood.so");
  fs::create_directory(scratch.folder() / "below");
  scratch.add("good", "below/good.tenon.so");
  const HostTable host;
  const auto catalog = Catalog::scan(host, scratch.options());
  ASSERT_TRUE(catalog);
  EXPECT_TRUE(catalog->candidates().empty());
}

}  // namespace
}  // namespace tenon::test
