// Scratch folders of the plugin tests: under the temporary folder, mode 0700, removed at the end.
#include "tests/faults/plugins/scratch.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <system_error>

#include "framework/plugin/probe.hpp"

namespace tenon::test {
namespace {

namespace fs = std::filesystem;

fs::path fixture_path(std::string_view fixture) {
  return fs::path(TENON_FIXTURES) / (std::string(fixture) + ".tenon.so");
}

}  // namespace

Scratch::Scratch() {
  std::string name = (fs::temp_directory_path() / "tenon-plugins-XXXXXX").string();
  EXPECT_NE(mkdtemp(name.data()), nullptr);
  folder_ = name;
}

Scratch::~Scratch() {
  std::error_code ec;
  fs::remove_all(folder_, ec);
}

fs::path Scratch::add(std::string_view fixture, std::string_view as) const {
  return add_bytes(as.empty() ? std::string(fixture) + ".tenon.so" : std::string(as),
                   fixture_bytes(fixture));
}

fs::path Scratch::add_bytes(std::string_view as, std::span<const std::byte> bytes) const {
  fs::path path = folder_ / as;
  fs::remove(path);  // a loaded library must not be written over
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  file.close();
  EXPECT_TRUE(file.good()) << path;
  fs::permissions(path, fs::perms(0644));
  return path;
}

ScanOptions Scratch::options() const {
  ScanOptions options;
  options.directories = {folder_};
  options.prober = make_prober({.program = TENON_PROBE});
  return options;
}

std::vector<std::byte> fixture_bytes(std::string_view fixture) {
  std::ifstream file(fixture_path(fixture), std::ios::binary);
  EXPECT_TRUE(file.good()) << fixture;
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

ListedPlugin candidate(const Catalog& catalog, std::string_view file_name) {
  for (const ListedPlugin& found : catalog.candidates()) {
    if (found.path.filename() == file_name) return found;
  }
  ADD_FAILURE() << "no candidate " << file_name;
  return {};
}

}  // namespace tenon::test
