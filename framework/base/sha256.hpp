// SHA-256 of bytes and files, as 64 lower-case hex digits (libsodium).
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "framework/base/result.hpp"

namespace tenon {

Result<std::string> sha256_hex(std::span<const std::byte> bytes);

// The whole file behind `fd`, from its start; its position is not moved. `name` is for messages.
Result<std::string> sha256_hex_fd(int fd, const std::string& name);

}  // namespace tenon
