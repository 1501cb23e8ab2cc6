// tenon: dispatch to a command; its error becomes one message and an exit code.
#include <csignal>
#include <exception>
#include <iostream>

#include "framework/include/tenon/tenon.hpp"
#include "host/cli/command.hpp"

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

// An answer that did not arrive is a failure, whatever the command thinks.
Status check_stdout(Status status) {
  if (status && !std::cout.flush()) return fail(ErrorCode::failed, "cannot write to stdout");
  return status;
}

}  // namespace
}  // namespace tenon::cli

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a reader that went away is a failed write, not a silent death
  try {
    if (const tenon::Status guarded = tenon::guard_mapped_files(); !guarded)
      std::cerr << "tenon: " << guarded.error().message() << '\n';
    const tenon::Status status =
        tenon::cli::check_stdout(tenon::cli::dispatch({argv + std::min(argc, 1), argv + argc}));
    if (status) return 0;
    std::cerr << "tenon: " << status.error().message() << '\n';
    return static_cast<int>(status.error().code());
  } catch (const std::bad_alloc&) {
    std::cerr << "tenon: out of memory\n";
    return static_cast<int>(tenon::ErrorCode::limit);
  } catch (const std::exception& e) {
    std::cerr << "tenon: internal error: " << e.what() << '\n';
    return static_cast<int>(tenon::ErrorCode::failed);
  }
}
