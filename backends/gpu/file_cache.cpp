// A file is a head, the key, and the bytes.
#include "file_cache.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string_view>

namespace tenon::gpu {
namespace {

namespace fs = std::filesystem;

struct Head {
  std::array<char, 8> magic;
  uint64_t key_bytes, bytes, sum;  // of both
};
constexpr std::array<char, 8> k_magic = {'t', 'n', 'c', 'a', 'c', 'h', 'e', '1'};

constexpr uint64_t k_most_bytes = uint64_t{1} << 30;

uint64_t hash_of(std::string_view text) { return gpu::hash_of(std::as_bytes(std::span(text))); }

Head head_of(const std::string& key, std::span<const std::byte> bytes) {
  return {k_magic, key.size(), bytes.size(), gpu::hash_of(bytes, hash_of(key))};
}

const char* variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value != nullptr ? value : "";
}

bool write_all(int file, const void* data, size_t n) {
  const auto* bytes = static_cast<const std::byte*>(data);
  while (n > 0) {
    const ssize_t written = ::write(file, bytes, n);
    if (written <= 0) return false;
    bytes += written;
    n -= static_cast<size_t>(written);
  }
  return true;
}

}  // namespace

uint64_t hash_of(std::span<const std::byte> bytes, uint64_t sum) {
  for (const std::byte b : bytes) sum = (sum ^ static_cast<uint64_t>(b)) * 0x100000001b3u;
  return sum;
}

FileCache FileCache::of_user(const std::string& name) {
  std::string own = "TENON_" + name + "_CACHE";
  for (char& c : own) c = static_cast<char>(std::toupper(c));
  if (std::getenv(own.c_str()) != nullptr) return FileCache(variable(own));
  const fs::path caches = variable("XDG_CACHE_HOME"), home = variable("HOME");
  if (caches.is_absolute()) return FileCache(caches / "tenon" / name);
  if (home.is_absolute()) return FileCache(home / ".cache" / "tenon" / name);
  return FileCache("");
}

fs::path FileCache::path_of(const std::string& key) const {
  std::array<char, 32> name{};
  std::snprintf(name.data(), name.size(), "%016llx.bin",
                static_cast<unsigned long long>(hash_of(key)));
  return folder_ / name.data();
}

std::optional<std::vector<std::byte>> FileCache::find(const std::string& key) const {
  std::error_code ignored;
  if (folder_.empty() || !fs::is_regular_file(path_of(key), ignored)) return std::nullopt;
  std::ifstream file(path_of(key), std::ios::binary | std::ios::ate);
  const auto size = static_cast<uint64_t>(std::max<std::streamoff>(file.tellg(), 0));
  if (!file || size < sizeof(Head) + key.size() || size > k_most_bytes) return std::nullopt;
  std::vector<char> all(size);
  file.seekg(0);
  if (!file.read(all.data(), static_cast<std::streamsize>(size))) return std::nullopt;
  const auto bytes = std::as_bytes(std::span(all)).subspan(sizeof(Head) + key.size());
  const Head wanted = head_of(key, bytes);
  if (std::memcmp(all.data(), &wanted, sizeof wanted) != 0 ||
      std::memcmp(all.data() + sizeof wanted, key.data(), key.size()) != 0)
    return std::nullopt;
  return std::vector(bytes.begin(), bytes.end());
}

void FileCache::keep(const std::string& key, const std::vector<std::byte>& bytes) const {
  if (folder_.empty()) return;
  std::error_code ignored;
  if (fs::create_directories(folder_, ignored))
    fs::permissions(folder_, fs::perms::owner_all, ignored);
  std::string beside = (folder_ / "XXXXXX").string();
  const int file = mkostemp(beside.data(), O_CLOEXEC);
  if (file < 0) return;
  const Head head = head_of(key, bytes);
  const bool whole = write_all(file, &head, sizeof head) &&
                     write_all(file, key.data(), key.size()) &&
                     write_all(file, bytes.data(), bytes.size());
  ::close(file);
  if (!whole || std::rename(beside.c_str(), path_of(key).c_str()) != 0) ::unlink(beside.c_str());
}

void FileCache::drop(const std::string& key) const {
  std::error_code ignored;
  if (!folder_.empty()) fs::remove(path_of(key), ignored);
}

}  // namespace tenon::gpu
