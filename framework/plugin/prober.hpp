// Prober: tries a plugin file in a child process before it is loaded into ours.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace tenon {

// Whether a file that was refused is tried again although the refusal is remembered.
enum class Retry { no, refused };

struct ProbeRequest {
  std::filesystem::path path;  // for messages
  int fd = -1;                 // the open file that would be loaded
  std::string open_path;       // which leads to it (CheckedFile)
  std::string sha256;
  std::string drivers{};  // driver_identity() of what its manifest names
};

// "" if the plugin behaved, else why not, in one line:
// "crashed while loading: signal 11 (SIGSEGV)".
using Prober = std::function<std::string(const ProbeRequest&)>;

}  // namespace tenon
