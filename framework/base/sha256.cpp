// SHA-256 over libsodium; files are streamed through a fixed buffer.
#include "framework/base/sha256.hpp"

#include <fmt/format.h>
#include <sodium.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <vector>

namespace tenon {
namespace {

constexpr std::size_t k_chunk_bytes = std::size_t{1} << 20;

// Safe to call often and from any thread; libsodium asks for it before any other call.
Status start_sodium() {
  if (::sodium_init() < 0) return fail(ErrorCode::failed, "sha256: libsodium does not start");
  return {};
}

std::string to_hex(const std::array<unsigned char, crypto_hash_sha256_BYTES>& digest) {
  std::string hex;
  for (const unsigned char byte : digest) hex += fmt::format("{:02x}", byte);
  return hex;
}

tl::unexpected<Error> io_error(std::string_view what, const std::string& name) {
  return fail(ErrorCode::failed,
              fmt::format("{}: {}: {}", name, what, std::generic_category().message(errno)));
}

}  // namespace

Result<std::string> sha256_hex(std::span<const std::byte> bytes) {
  if (auto started = start_sodium(); !started) return fail(started);
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
  ::crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(bytes.data()),
                       bytes.size());
  return to_hex(digest);
}

Result<std::string> sha256_hex_fd(int fd, const std::string& name) {
  if (auto started = start_sodium(); !started) return fail(started);
  crypto_hash_sha256_state state;
  ::crypto_hash_sha256_init(&state);
  std::vector<unsigned char> chunk(k_chunk_bytes);
  off_t offset = 0;
  for (;;) {
    const ssize_t got = ::pread(fd, chunk.data(), chunk.size(), offset);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return io_error("cannot read", name);
    if (got == 0) break;
    ::crypto_hash_sha256_update(&state, chunk.data(), static_cast<std::size_t>(got));
    offset += got;
  }
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
  ::crypto_hash_sha256_final(&state, digest.data());
  return to_hex(digest);
}

}  // namespace tenon
