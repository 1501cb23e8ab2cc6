// tenon: dispatch to a command; its error becomes one message and an exit code.
#include <csignal>
#include <exception>
#include <iostream>
#include <new>

#include "framework/include/tenon/tenon.hpp"
#include "host/cli/command.hpp"
#include "host/cli/hints.hpp"
#include "host/cli/standard_streams.hpp"

namespace tenon::cli {
namespace {

Status dispatch(const Arguments& arguments) {
  if (arguments.empty()) return fail(ErrorCode::usage, "no command given; see `tenon help`");
  const std::string& name = arguments[0];
  if (name == "--version" || name == "-V") {
    std::cout << "tenon " TENON_VERSION "\n";
    return {};
  }
  if (name == "--help" || name == "-h") return find_command("help")->run({});
  if (const Command* command = find_command(name))
    return command->run(Arguments(arguments.begin() + 1, arguments.end()));
  return no_such_command(name);
}

// An answer that did not arrive is a failure, whatever the command thinks. Nobody to read it is none
// to complain to either: the process ends as the programs beside it in the pipe do.
Status check_stdout(Status status) {
  if (!status || std::cout.flush()) return status;
  if (stdout_reader_is_gone()) end_by_sigpipe();
  return fail(ErrorCode::failed, "cannot write to stdout");
}

int report(const Error& error) {
  std::cerr << "tenon: " << explained(error) << '\n';
  return static_cast<int>(error.code());
}

// Nothing of ours throws, but the standard library does where the system refuses.
int run(const Arguments& arguments) {
  try {
    if (const Status guarded = guard_mapped_files(); !guarded) report(guarded.error());
    const Status status = check_stdout(dispatch(arguments));
    return status ? 0 : report(status.error());
  } catch (const std::bad_alloc&) {
    return report(limit_reached("out of memory"));
  } catch (const std::system_error& e) {
    const bool limit = e.code() == std::errc::resource_unavailable_try_again;
    if (limit) return report(limit_reached("cannot start a thread"));
    return report(Error(ErrorCode::failed, e.what()));
  } catch (const std::exception& e) {
    return report(Error(ErrorCode::failed, std::string("internal error: ") + e.what()));
  }
}

}  // namespace
}  // namespace tenon::cli

int main(int argc, char** argv) {
  tenon::cli::reserve_standard_streams();
  // A reader that went away and a file that may not grow are failed writes, not a sudden death that
  // leaves half a file behind.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  return tenon::cli::run({argv + std::min(argc, 1), argv + argc});
}
