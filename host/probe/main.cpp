// tenon-probe FILE [REPORT_FD]: loads a plugin in this process and says how it behaved.
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "framework/base/sanitizer.h"
#include "framework/plugin/elf_note.hpp"
#include "framework/plugin/host_table.hpp"
#include "framework/plugin/loaded_plugin.hpp"
#include "framework/plugin/manifest.hpp"
#include "framework/plugin/probe_report.hpp"

#if defined(TENON_ASAN) || defined(TENON_TSAN)
// A crash of the plugin is this program's result: it must stay a signal.
#define TENON_PROBE_OPTIONS \
  "handle_segv=0:handle_sigbus=0:handle_sigill=0:handle_sigfpe=0:handle_abort=0:detect_leaks=0"
extern "C" const char* __asan_default_options() { return TENON_PROBE_OPTIONS; }
extern "C" const char* __tsan_default_options() { return TENON_PROBE_OPTIONS; }
#endif

namespace {

using tenon::ErrorCode;
using tenon::fail;

// The plugin's code may end this process at any moment: every line is written at once.
void write_line(int fd, std::string_view line) {
  while (!line.empty()) {
    const ssize_t n = write(fd, line.data(), line.size());
    if (n <= 0) return;
    line.remove_prefix(static_cast<std::size_t>(n));
  }
}

// The devices of a backend; their strings are what `tenon devices` would print.
tenon::Status list_devices(const tenon::LoadedPlugin& plugin, const tenon::HostTable& host) {
  const tn_backend_factory* backend = plugin.tables().backend;
  if (backend == nullptr) return {};
  const tn_backend_opts opts{sizeof(opts), 0};
  tn_backend* shared = nullptr;
  const tn_status created = backend->create(host.get(), &opts, &shared);
  if (created != TN_OK) return tl::unexpected(host.to_error(created, "cannot be created"));
  const std::unique_ptr<tn_backend, void (*)(tn_backend*)> owner(shared, backend->destroy);
  constexpr std::uint32_t k_most = 64;
  std::vector<tn_device_info> devices(k_most);
  for (tn_device_info& device : devices) device.struct_size = sizeof device;
  std::uint32_t n = 0;
  const tn_status status =
      backend->enumerate(shared, devices.data(), sizeof(tn_device_info), k_most, &n);
  if (status != TN_OK) return tl::unexpected(host.to_error(status, "cannot list its devices"));
  for (std::uint32_t i = 0; i < std::min(n, k_most); ++i) {
    if (devices[i].name == nullptr) return fail(ErrorCode::unavailable, "a device without a name");
  }
  return {};
}

tenon::Status probe(const char* path, int report_fd) {
  const auto step = [&](std::string_view name) { write_line(report_fd, tenon::step_line(name)); };
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return fail(ErrorCode::unavailable, std::strerror(errno));
  const auto json = tenon::read_manifest_note(fd);
  close(fd);
  if (!json) return fail(json);
  const auto manifest = tenon::parse_manifest(*json);
  if (!manifest) return fail(manifest);
  const std::string reason = tenon::refusal_by_manifest(*manifest);
  if (!reason.empty()) return fail(ErrorCode::unavailable, reason);
  const tenon::HostTable host;
  auto plugin = tenon::LoadedPlugin::load(path, *manifest, host, step);
  if (!plugin) return fail(plugin);
  step("while listing its devices");
  if (auto ok = list_devices(*plugin, host); !ok) return ok;
  step("in shutdown");
  plugin->shutdown();
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 && argc != 3) {
    write_line(STDERR_FILENO, "usage: tenon-probe FILE\n");
    return static_cast<int>(ErrorCode::usage);
  }
  // Dies with the host and leaves no core file.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  const int report_fd = argc == 3 ? std::atoi(argv[2]) : STDOUT_FILENO;
  std::error_code ec;
  const std::string path = std::filesystem::absolute(argv[1], ec).string();
  const tenon::Status status = probe(path.c_str(), report_fd);
  write_line(report_fd, tenon::verdict_line(status ? "" : status.error().message()));
  // No destructor of the plugin runs: what it does at exit is of no interest.
  _exit(status ? 0 : static_cast<int>(status.error().code()));
}
